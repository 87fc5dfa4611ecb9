import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import type { ClusterAdmin } from "../contracts/cluster-admin.ts";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const assets = process.env["KUBEBUILDER_ASSETS"] ?? "";

/** Whether `KUBEBUILDER_ASSETS` has all of these programs. */
export function hasAssets(...programs: readonly string[]): boolean {
  return assets !== "" && programs.every((program) => existsSync(path.join(assets, program)));
}

/** The cluster of a kubeconfig. */
export type Reached = Pick<ClusterAdmin, "kubeconfigPath">;

/** Runs a command with the real kubectl as an administrator of the cluster, in the root of the project. */
export function runCommand({ kubeconfigPath }: Reached, command: string): string {
  return execFileSync("sh", ["-c", command], { ...optionsFor(kubeconfigPath), stdio: "pipe" });
}

/** Runs the real kubectl. Throws an error with its output if it fails. */
export function kubectl({ kubeconfigPath }: Reached, args: readonly string[], input?: string): string {
  const options = { ...optionsFor(kubeconfigPath), ...(input !== undefined && { input }), stdio: "pipe" as const };
  return execFileSync(path.join(assets, "kubectl"), args, options);
}

function optionsFor(kubeconfigPath = "") {
  const env = { ...process.env, PATH: `${assets}${path.delimiter}${process.env["PATH"]}`, KUBECONFIG: kubeconfigPath };
  return { cwd: ROOT, env, encoding: "utf8" } as const;
}
