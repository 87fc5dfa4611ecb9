import { createHash } from "node:crypto";
import type { AccessToken, TokenCredential } from "@azure/identity";
import { ContainerClient } from "@azure/storage-blob";
import { zipSync } from "fflate";
import type { Clock } from "./clock.ts";

/** A package as a publisher writes it: a zip, and its manifest in `current.json`. */
export interface FixturePackage {
  readonly hash: string;
  readonly bytes: Uint8Array;
  readonly manifest: Readonly<Record<string, unknown>>;
}

/** Creates a small package, different for each version. */
export function makePackage(exporterVersion: string, previous: readonly string[] = []): FixturePackage {
  const parameters = "[Parameter(Mandatory)] $Package, [Parameter(Mandatory)] $Marker, $Ensure, $Port, $Version";
  const configuration = `Configuration WindowsExporter { param (${parameters}) } # ${exporterVersion}\n`;
  const module = `function Get-ExporterVersion { '${exporterVersion}' }\n`;
  const bytes = zipSync(
    {
      "WindowsExporter.ps1": new TextEncoder().encode(configuration),
      "AksWindowsMetrics/AksWindowsMetrics.psm1": new TextEncoder().encode(module),
    },
    { mtime: "1980-01-01T00:00:00" },
  );
  const hash = createHash("sha256").update(bytes).digest("hex");
  const args = { Ensure: "Present", Port: 9182, Version: exporterVersion };
  const published = { schema: 1, package: hash, exporterVersion, deployable: false, arguments: args };
  return { hash, bytes, manifest: { ...published, publishedAt: "2026-11-22T12:00:00Z", previous } };
}

/** Uploads the zip, then `current.json`, as a publisher does. */
export async function publish(
  container: ContainerClient,
  { hash, bytes, manifest }: FixturePackage,
  access?: "blob",
): Promise<void> {
  await container.createIfNotExists(access ? { access } : {});
  await container.getBlockBlobClient(`${hash}.zip`).uploadData(bytes);
  await container.getBlockBlobClient("current.json").uploadData(new TextEncoder().encode(JSON.stringify(manifest)));
}

/** Returns a client for a container. */
export function openBlobs(url: string, credential: TokenCredential): ContainerClient {
  return new ContainerClient(url, credential);
}

/** Returns the operator's credential for storage accounts. */
export function storageToken({
  clock,
  operatorToken,
}: {
  readonly clock: Clock;
  readonly operatorToken: (audience: string) => string;
}): TokenCredential {
  const getToken = async (): Promise<AccessToken> => {
    return { token: operatorToken("https://storage.azure.com"), expiresOnTimestamp: clock.now() + 300_000 };
  };
  return { getToken };
}
