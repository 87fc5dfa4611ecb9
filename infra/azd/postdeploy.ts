import { setTimeout as sleep } from "node:timers/promises";
import { AzError, askAz } from "../operate/az.ts";
import { runAzd } from "./azd.ts";

/**
 * The azd hook that runs after the code is published. Waits until Azure lists the function, then deploys the template
 * again with the second stage, the event subscriptions. Resets the stage in azd's environment afterwards, because with
 * it, the first deployment to a new resource group would fail.
 */
const {
  AZURE_FUNCTION_NAME: name = "",
  AZURE_RESOURCE_GROUP: group = "",
  AZURE_SUBSCRIPTION_ID: subscription = "",
  IDENTITY_PRINCIPAL_ID: principal = "",
  SCRAPE_NAMESPACE: namespace = "monitoring",
  AKS_CLUSTER_IDS: clusters = "",
} = process.env;
const WAIT_MS = 1000 * Number(process.env["WAIT_SECONDS"] ?? 900);
const POLL_MS = 1000 * Number(process.env["POLL_SECONDS"] ?? 10);

if (await isListed(Date.now() + WAIT_MS)) {
  process.exitCode = deploySecondStage();
  if (process.exitCode === 0) printNextSteps();
} else {
  console.error(
    `${name} did not list the function scaleSetEvent within ${WAIT_MS / 1000} seconds.` +
      " Check its log stream in the Azure portal. When it is running, continue with: azd hooks run postdeploy",
  );
  process.exitCode = 1;
}

function deploySecondStage(): number {
  const set = runAzd("env", "set", "DEPLOY_EVENT_SUBSCRIPTIONS", "true");
  const provisioned = set === 0 ? runAzd("provision", "--no-prompt") : set;
  const reset = runAzd("env", "set", "DEPLOY_EVENT_SUBSCRIPTIONS", "false");
  return provisioned || reset;
}

/** Waits until Azure lists the function: Event Grid rejects a subscription for a function that is not listed. */
async function isListed(until: number): Promise<boolean> {
  try {
    askAz("functionapp function show", {
      subscription,
      "resource-group": group,
      name,
      "function-name": "scaleSetEvent",
    });
    return true;
  } catch (error) {
    if (!(error instanceof AzError)) throw error;
    if (Date.now() + POLL_MS > until) return false;
    await sleep(POLL_MS);
    return isListed(until);
  }
}

function printNextSteps(): void {
  const ids = clusters.split(/[\s,]+/).filter((id) => id !== "");
  console.log("The app has no permissions in the clusters yet. To grant them, run:");
  console.log(`  bash infra/operate/apply-manifests.sh --principal ${principal} --namespace ${namespace} \\`);
  console.log(`    ${ids.map((id) => `--cluster ${id}`).join(" \\\n    ")}`);
}
