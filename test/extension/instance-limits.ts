import type { Instance, InstanceExtension } from "../../shared/model/scale-set.ts";
import { MINUTE } from "../build.ts";
import type { ActionContext, Limit, Upgrade } from "./limits.ts";

const EXTENSION = "windows-exporter-dsc";
/** A failure in a status that says that it succeeded. */
const HIDDEN_FAILURE = /error downloading|agent is not ready|cause=/i;

/** Rules for every instance of an upgrade, because `manualupgrade` applies the whole model. */
export const INSTANCE_LIMITS: readonly Limit<ActionContext & { readonly one: Instance; readonly upgrade: Upgrade }>[] =
  [
    { rule: "its VM is running and its agent is ready", holds: ({ one }) => one.isRunning && one.agentReady },
    { rule: "it is not protected from scale set actions", holds: ({ one }) => !one.protectedFromScaleSetActions },
    { rule: "it has the image of the model", holds: ({ one, set }) => one.image === set.image },
    {
      rule: "it has the VM size of the model",
      holds: ({ one, set }) => one.sku?.toLowerCase() === set.sku?.toLowerCase(),
    },
    {
      rule: "vmssCSE has succeeded on it if the model has vmssCSE",
      holds: ({ one, set }) =>
        !set.extensions.some(({ name }) => name === "vmssCSE") || findExtension(one, "vmssCSE")?.state === "succeeded",
    },
    {
      rule: "our extension is not transitioning on it",
      holds: ({ one }) => findExtension(one, EXTENSION)?.state !== "transitioning",
    },
    {
      rule: "it does not have the package yet",
      holds: ({ one, upgrade }) => {
        const own = findExtension(one, EXTENSION);
        const isWell = own?.state === "succeeded" && !HIDDEN_FAILURE.test(own.message);
        return !isWell || markerInLog(own) !== upgrade.marker;
      },
    },
    {
      rule: "its Node is Ready and at least 5 minutes old, as far as that is known",
      holds: ({ one, world: { observed } }) => {
        const node = observed.nodes?.nodes.get(one.node);
        return !node || (node.ready === "True" && observed.at - node.createdAt >= 5 * MINUTE);
      },
    },
    { rule: "it is not being deleted", holds: ({ one }) => one.provisioningState !== "Deleting" },
    {
      rule: "if it is Failed, only our extension has failed",
      holds: ({ one }) =>
        one.provisioningState !== "Failed" ||
        one.extensions.every(({ name, state, message }) =>
          name === EXTENSION ? state === "failed" || HIDDEN_FAILURE.test(message) : state !== "failed",
        ),
    },
    {
      rule: "after AKS has failed, its own last operation has ended",
      holds: ({ one, set, pool, world }) =>
        [world.observed.cluster, pool, set].every((each) => each?.provisioningState === "Succeeded") ||
        ["Succeeded", "Failed"].includes(one.provisioningState),
    },
  ];

/** Returns whether the module's evidence of an extension says that the exporter is removed. */
export function isRemovalEvidence({ logs, state }: InstanceExtension): boolean {
  return state === "succeeded" && logs.join("\n").includes("metrics=absent");
}

function findExtension({ extensions }: Instance, name: string): InstanceExtension | undefined {
  return extensions.find((each) => each.name === name);
}

/** Returns the marker in the evidence of the module. */
function markerInLog({ logs }: InstanceExtension): string | undefined {
  return /marker=([0-9a-f]{16})/.exec(logs.join("\n"))?.[1];
}
