import type { Engine } from "../engine.ts";
import { deallocate, remove } from "../instances.ts";
import { findInstance, poolOf } from "./place.ts";

/**
 * Evicts a spot instance, by the eviction policy of its scale set. Azure takes it back without a request to ARM: there is
 * neither an operation nor an event. After a deletion, the capacity is lower, so the set does not replace the instance.
 */
export function evict(engine: Engine, scaleSet: string, id: string, policy: "Delete" | "Deallocate"): void {
  const { set, instance } = findInstance(engine, scaleSet, id);
  if (policy === "Deallocate") {
    engine.flow.spawn(deallocate(engine, set, instance));
    return;
  }
  const pool = poolOf(engine, set);
  if (pool) pool.count -= 1;
  engine.flow.spawn(remove(engine, set, instance));
}
