import * as v from "valibot";
import { FAILURES } from "../../simulators/arm/scripted-failures.ts";
import { action } from "../action.ts";
import { choice, count, Refusal } from "../input.ts";
import type { Sandbox } from "../sandbox.ts";

/** What happens to one instance of a scale set. */
export const INSTANCE_ACTIONS = [
  action({
    path: "/world/instances/{scaleSet}/{id}/fail-extension",
    says: ({ scaleSet, id, cause }) => `The next runs of the extension on ${scaleSet}/${id} fail: ${cause}`,
    buttons: { "Fail its next installation": {} },
    example: { scaleSet: "akswin1", id: "0", cause: "installer-busy", times: 1 },
    body: { cause: choice(FAILURES), times: v.optional(count(1), 1) },
    run: ({ world }, { scaleSet, id, cause, times }) => {
      requireInstance(world, scaleSet, id);
      world.arm.failExtension({ scaleSet, instanceId: id, cause, times });
    },
  }),
  action({
    path: "/world/instances/{scaleSet}/{id}/deallocate",
    says: ({ scaleSet, id }) => `An operator deallocates ${scaleSet}/${id}`,
    buttons: { Deallocate: {} },
    example: { scaleSet: "akswin1", id: "0" },
    isAks: true,
    body: {},
    run: ({ world }, { scaleSet, id }) => world.arm.aks.deallocate(scaleSet, id),
  }),
  action({
    path: "/world/instances/{scaleSet}/{id}/start",
    says: ({ scaleSet, id }) => `An operator starts ${scaleSet}/${id}`,
    buttons: { Start: {} },
    example: { scaleSet: "akswin1", id: "0" },
    isAks: true,
    body: {},
    run: ({ world }, { scaleSet, id }) => world.arm.aks.start(scaleSet, id),
  }),
  action({
    path: "/world/instances/{scaleSet}/{id}/evict",
    says: ({ scaleSet, id, policy }) => `Azure evicts the spot instance ${scaleSet}/${id}: ${policy}`,
    buttons: { "Evict (spot)": {} },
    example: { scaleSet: "akswin1", id: "1", policy: "Delete" },
    isAks: true,
    body: { policy: choice(["Delete", "Deallocate"]) },
    run: ({ world }, { scaleSet, id, policy }) => world.arm.actors.evict(scaleSet, id, policy),
  }),
  action({
    path: "/world/instances/{scaleSet}/{id}/delete",
    says: ({ scaleSet, id }) => `An operator deletes ${scaleSet}/${id}`,
    buttons: { Delete: {} },
    example: { scaleSet: "akswin1", id: "2" },
    isAks: true,
    body: {},
    run: ({ world }, { scaleSet, id }) => world.arm.aks.deleteInstance(scaleSet, id),
  }),
];

function requireInstance({ arm }: Sandbox["world"], scaleSet: string, id: string): void {
  const found = arm.world.scaleSets.find(({ name }) => name.toLowerCase() === scaleSet.toLowerCase());
  if (!found?.instances.some((each) => each.id === id)) throw new Refusal(404, `no instance ${scaleSet}/${id}`);
}
