import { CallError } from "../clients/errors.ts";
import type { Policy } from "../model/action.ts";
import { type ClusterId, splitId } from "../model/ids.ts";
import { type FoundPauses, NO_PAUSES, parsePauses, type Pauses } from "../model/pauses.ts";
import { type EpochMs, HOUR_MS } from "../model/time.ts";
import type { StorageDeps } from "./blobs.ts";

/** A forgotten pause must end: replaced nodes have no exporter while it lasts. */
export const LONGEST_PAUSE_MS = 72 * HOUR_MS;

const WRITES_PER_REQUEST = 3;

/** Reads the pauses of a cluster; those that have ended are left out. */
export async function readPauses(
  { records, now }: StorageDeps,
  cluster: ClusterId,
  signal: AbortSignal,
): Promise<FoundPauses> {
  const stored = await records.read(nameOf(cluster), signal);
  if (!stored) return NO_PAUSES;
  const found = parsePauses(stored.value);
  return found ? withoutEnded(found, now()) : "unreadable";
}

/** Pauses a cluster, or one of its pools, until a time; a time that has come ends the pause. */
export async function writePause(
  { records, now }: StorageDeps,
  { cluster, pool, until }: { readonly cluster: ClusterId; readonly pool: string | undefined; readonly until: EpochMs },
  signal: AbortSignal,
): Promise<Pauses> {
  for (let tries = 1; ; tries++) {
    const stored = await records.read(nameOf(cluster), signal);
    const before = parsePauses(stored?.value) ?? NO_PAUSES;
    const changed =
      pool === undefined
        ? { ...before, until }
        : { ...before, pools: { ...before.pools, [pool.toLowerCase()]: until } };
    const after = withoutEnded(changed, now());
    try {
      await records.write(nameOf(cluster), after, stored ? { etag: stored.etag } : "absent", signal);
      return after;
    } catch (error) {
      const isRace = error instanceof CallError && error.fault === "conflict";
      if (!isRace || tries === WRITES_PER_REQUEST) throw error;
    }
  }
}

/** The policy of a cluster's pauses, which it reads before each action. A pause that cannot be read withholds it. */
export function pausePolicy(deps: StorageDeps, cluster: ClusterId, signal: AbortSignal): Policy {
  return async (action) => {
    const found = await readPauses(deps, cluster, signal);
    if (found === "unreadable" || found.until > 0) return "paused";
    return "pool" in action && (found.pools[action.pool.toLowerCase()] ?? 0) > 0 ? "paused" : undefined;
  };
}

function withoutEnded({ schema, until, pools }: Pauses, now: EpochMs): Pauses {
  const running = Object.entries(pools).filter(([, each]) => each > now);
  return { schema, until: until > now ? until : 0, pools: Object.fromEntries(running) };
}

function nameOf(cluster: ClusterId): string {
  const { subscription, resourceGroup, name } = splitId(cluster);
  return `pauses/${subscription}/${resourceGroup}/${name}.json`;
}
