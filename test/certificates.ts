import { randomUUID } from "node:crypto";
import tls from "node:tls";
import { generate } from "selfsigned";

/** A server's key and certificate, PEM; the certificate is also the authority to trust. */
export interface Certificate {
  readonly key: string;
  readonly cert: string;
}

/** Makes a certificate for 127.0.0.1 and localhost. OpenSSL finds authorities by name, so that each has its own. */
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

/** Has this process trust it, as `NODE_EXTRA_CA_CERTS` does for a process that is yet to start. */
export function trust(certificate: Certificate): void {
  tls.setDefaultCACertificates([...tls.getCACertificates("default"), certificate.cert]);
}
