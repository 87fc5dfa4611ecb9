import * as v from "valibot";
import { action } from "../action.ts";
import { Refusal, flag, text } from "../input.ts";
import type { Sandbox } from "../sandbox.ts";

/** What operators do with the app and its package, and who else installs extensions. */
export const APP_ACTIONS = [
  action({
    path: "/package/publish",
    says: ({ broken }) =>
      `An operator publishes ${broken ? "a package whose MSI fails on every node" : "a new package"}`,
    buttons: { "Publish a package": { broken: false }, "Publish a bad package": { broken: true } },
    example: { broken: true },
    body: { broken: v.optional(flag(), false) },
    run: ({ publisher }, { broken }) => publisher.publishNext(broken),
  }),
  action({
    path: "/package/rollback",
    says: () => "An operator rolls back to the previous package",
    buttons: { "Roll back": {} },
    example: {},
    body: {},
    run: ({ publisher }) => publisher.rollBack(),
  }),
  action({
    path: "/world/scale-sets/{scaleSet}/put-extension",
    says: ({ publisher, type, scaleSet }) => `Another team writes the extension ${publisher}.${type} to ${scaleSet}`,
    buttons: { "Add another team's extension": {} },
    example: { scaleSet: "akswin2", name: "agent", publisher: "Contoso", type: "Agent" },
    body: { name: text(), publisher: text(), type: text() },
    run: (sandbox, { scaleSet, name, publisher, type }) => {
      const properties = { publisher, type, typeHandlerVersion: "1.0", autoUpgradeMinorVersion: true };
      return callArm(sandbox, "PUT", { scaleSet, name, body: { properties } });
    },
  }),
  action({
    path: "/world/scale-sets/{scaleSet}/delete-extension",
    says: ({ name, scaleSet }) => `Another team deletes the extension ${name} from ${scaleSet}`,
    buttons: { "Remove it": {} },
    example: { scaleSet: "akswin2", name: "agent" },
    body: { name: text() },
    run: (sandbox, { scaleSet, name }) => callArm(sandbox, "DELETE", { scaleSet, name }),
  }),
  action({
    path: "/app/pause",
    says: ({ for: length }) =>
      length === "PT0S" ? "An operator ends the pause" : `An operator pauses the app for ${length}`,
    buttons: { "Pause for 4 h": {}, "End the pause": { for: "PT0S" } },
    example: { for: "PT4H" },
    body: { for: text(), pool: v.optional(text()) },
    run: ({ app }, { for: length, pool }) => app.call("pause", { for: length, ...(pool !== undefined && { pool }) }),
  }),
  action({
    path: "/app/resync",
    says: () => "An operator requests a pass",
    buttons: { "Run a pass now": {} },
    example: {},
    body: {},
    run: ({ app }) => app.call("resync", {}),
  }),
  action({
    path: "/app/settings",
    says: ({ name, value }) => `An operator sets ${name} to ${value}; the app restarts`,
    buttons: { "Only observe": {}, Install: { value: "install" } },
    example: { name: "MODE", value: "observe" },
    holds: ({ name, value }) => [`setting ${name}`, value === "install" ? undefined : `the app has ${name}=${value}`],
    body: { name: text(), value: v.string() },
    run: ({ app }, { name, value }) => app.restart({ [name]: value }),
  }),
];

/** Writes or deletes an extension of a scale set as another client of Azure; throws Azure's refusal. */
async function callArm(
  { world }: Sandbox,
  method: "PUT" | "DELETE",
  { scaleSet, name, body }: { readonly scaleSet: string; readonly name: string; readonly body?: object },
): Promise<void> {
  const { subscription, nodeResourceGroup } = world.cluster;
  const group = `/subscriptions/${subscription}/resourceGroups/${nodeResourceGroup}`;
  const path = `${group}/providers/Microsoft.Compute/virtualMachineScaleSets/${scaleSet}/extensions/${name}`;
  const { status, body: answer } = await world.arm.handle({
    method,
    url: `${world.armUrl}${path}?api-version=2026-04-01`,
    headers: { authorization: `Bearer ${world.operatorToken()}`, "content-type": "application/json" },
    body: body && JSON.stringify(body),
  });
  if (status >= 300) throw new Refusal(status, answer);
}
