import { isSha256 } from "./expected-keys.ts";
import { parseRelease } from "./release.ts";
import { isVersion } from "./version.ts";

const DOWNLOADS = "https://github.com/prometheus-community/windows_exporter/releases/download";

/** Returns the text of a release file with another exporter and nothing else changed, and one line per change. */
export function bumpRelease(
  text: string,
  file: string,
  { version, sha256 }: { readonly version: string; readonly sha256: string },
): { readonly text: string; readonly changes: readonly string[] } {
  const { exporter } = parseRelease(text, file);
  if (!isVersion(version)) throw new Error(`--version: found '${String(version)}', expected X.Y.Z, without a v`);
  if (!isSha256(sha256)) throw new Error(`--sha256: found '${String(sha256)}', expected 64 hex digits`);
  const wanted = {
    version,
    url: `${DOWNLOADS}/v${version}/windows_exporter-${version}-amd64.msi`,
    sha256: sha256.toLowerCase(),
  };
  if ((exporter.version === version) !== (exporter.sha256 === wanted.sha256)) {
    const same =
      exporter.version === version ? "the same version with another hash" : "another version with the same hash";
    throw new Error(
      `${same}: a release of windows_exporter is never changed, so that one of the two is wrong; ` +
        `found ${exporter.version} with ${exporter.sha256} in ${file}; correct that by hand if it is the wrong one`,
    );
  }
  const keys = ["version", "url", "sha256"] as const;
  const bumped = keys.reduce((whole, key) => replaceText(whole, key, wanted[key]), text);
  parseRelease(bumped, file);
  const changes = keys.filter((key) => exporter[key] !== wanted[key]);
  return { text: bumped, changes: changes.map((key) => `exporter.${key}: ${exporter[key]} -> ${wanted[key]}`) };
}

/** Replaces values in the text itself, to keep its formatting. No other object in the file has these keys. */
function replaceText(text: string, key: string, value: string): string {
  return text.replace(
    new RegExp(`("${key}"\\s*:\\s*)"[^"]*"`),
    (_, before: string) => `${before}${JSON.stringify(value)}`,
  );
}
