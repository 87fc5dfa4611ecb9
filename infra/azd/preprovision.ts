import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { runAzd } from "./azd.ts";

/**
 * The azd hook that runs before the template is deployed. Checks the clusters in `AKS_CLUSTER_IDS`, as deploy.sh does,
 * and sets `AKS_CLUSTERS` in azd's environment, which azd reloads after the hook.
 */
const CLUSTERS = fileURLToPath(new URL("../operate/clusters.ts", import.meta.url));

const read = spawnSync(process.execPath, [CLUSTERS], { encoding: "utf8", stdio: ["ignore", "pipe", "inherit"] });
if (read.status !== 0) {
  console.error("Correct the errors above. To set the clusters, run: azd env set AKS_CLUSTER_IDS ID,ID");
  console.error("Nothing was changed.");
  process.exitCode = 1;
} else {
  process.exitCode = runAzd("env", "set", "AKS_CLUSTERS", read.stdout.trim());
}
