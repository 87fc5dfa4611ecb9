import { randomUUID } from "node:crypto";
import tls from "node:tls";
import { generate } from "selfsigned";

/** A server's key and self-signed certificate, PEM. */
export interface Certificate {
  readonly key: string;
  readonly cert: string;
}

/** Creates a certificate for 127.0.0.1 and localhost, with a unique name, because OpenSSL finds authorities by name. */
export async function makeCertificate(): Promise<Certificate> {
  const made = await generate([{ name: "commonName", value: randomUUID() }], {
    keySize: 2048,
    extensions: [
      { name: "basicConstraints", cA: true },
      {
        name: "subjectAltName",
        altNames: [
          { type: 7, ip: "127.0.0.1" },
          { type: 2, value: "localhost" },
        ],
      },
    ],
  });
  return { key: made.private, cert: made.cert };
}

/** Makes this process trust a certificate, as `NODE_EXTRA_CA_CERTS` does for a new process. */
export function trust(certificate: Certificate): void {
  tls.setDefaultCACertificates([...tls.getCACertificates("default"), certificate.cert]);
}
