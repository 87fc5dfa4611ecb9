import { setTimeout as sleep } from "node:timers/promises";
import { AzError, askAz } from "../operate/az.ts";
import { runAzd } from "./azd.ts";

/**
 * azd's hook after it has published the code: waits until Azure knows the function, then has azd deploy the template
 * again with its second stage, the event subscriptions. The stage is taken back afterwards: left in azd's environment
 * it would break the first stage of whoever starts again with an empty resource group.
 */
const {
  AZURE_FUNCTION_NAME: name = "",
  AZURE_RESOURCE_GROUP: group = "",
  AZURE_SUBSCRIPTION_ID: subscription = "",
  IDENTITY_PRINCIPAL_ID: principal = "",
  AKS_CLUSTER_IDS: clusters = "",
} = process.env;
const WAIT_MS = 1000 * Number(process.env["WAIT_SECONDS"] ?? 900);
const POLL_MS = 1000 * Number(process.env["POLL_SECONDS"] ?? 10);

if (await appears(Date.now() + WAIT_MS)) {
  process.exitCode = deploySecondStage();
  if (process.exitCode === 0) sayWhatNext();
} else {
  console.error(`The function scaleSetEvent did not appear. Once ${name} runs, go on with: azd hooks run postdeploy`);
  process.exitCode = 1;
}

function deploySecondStage(): number {
  const set = runAzd("env", "set", "DEPLOY_EVENT_SUBSCRIPTIONS", "true");
  const provisioned = set === 0 ? runAzd("provision", "--no-prompt") : set;
  const takenBack = runAzd("env", "set", "DEPLOY_EVENT_SUBSCRIPTIONS", "false");
  return provisioned || takenBack;
}

/** Event Grid refuses a subscription for a function that Azure does not know yet. */
async function appears(until: number): Promise<boolean> {
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
    return appears(until);
  }
}

function sayWhatNext(): void {
  const ids = clusters.split(/[\s,]+/).filter((id) => id !== "");
  console.log("In each cluster, the app's identity still needs its rights:");
  console.log(`  bash infra/operate/apply-manifests.sh --principal ${principal} \\`);
  console.log(`    ${ids.map((id) => `--cluster ${id}`).join(" \\\n    ")}`);
}
