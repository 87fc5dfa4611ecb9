import * as v from "valibot";
import { byId, epochMs, object, parserOf } from "./schema.ts";

const pauses = object({
  schema: v.literal(1),
  /** Until when the cluster is paused; 0 if it is not. */
  until: epochMs,
  /** Until when pools are paused, by their names in lower case. */
  pools: byId(epochMs),
});

/** Until when a cluster and its pools are paused. */
export type Pauses = v.InferOutput<typeof pauses>;

/** Returns stored pauses; undefined if they do not have this version's schema. */
export const parsePauses = parserOf(pauses);

/** Nothing is paused. */
export const NO_PAUSES: Pauses = { schema: 1, until: 0, pools: {} };

/** `unreadable` pauses the cluster, because that may be what it says. */
export type FoundPauses = Pauses | "unreadable";
