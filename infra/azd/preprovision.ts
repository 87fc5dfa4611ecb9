import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { runAzd } from "./azd.ts";

/**
 * azd's hook before it deploys the template: looks at the clusters of `AKS_CLUSTER_IDS`, as deploy.sh does, and puts
 * what the template has to know of them into azd's environment. azd reads its environment anew after a hook.
 */
const CLUSTERS = fileURLToPath(new URL("../operate/clusters.ts", import.meta.url));

const read = spawnSync(process.execPath, [CLUSTERS], { encoding: "utf8", stdio: ["ignore", "pipe", "inherit"] });
if (read.status !== 0) {
  console.error("Nothing was changed. Set the clusters with: azd env set AKS_CLUSTER_IDS ID,ID");
  process.exitCode = 1;
} else {
  process.exitCode = runAzd("env", "set", "AKS_CLUSTERS", read.stdout.trim());
}
