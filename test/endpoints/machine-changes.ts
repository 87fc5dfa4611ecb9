import type { EpochMs } from "../../shared/model/time.ts";
import { MINUTE } from "../build.ts";
import type { Kind } from "./histories.ts";
import type { Machine } from "./pure-kube.ts";

/** Changes of one machine. */
export const machineChanges: Partial<Record<Kind, (machine: Machine, at: EpochMs) => void>> = {
  replace: (machine, at) => {
    const fresh = { uid: `${machine.uid}+`, createdAt: at, ready: "True", readySince: at, isDeleting: false } as const;
    Object.assign(machine, fresh);
  },
  prove: (machine, at) => Object.assign(machine, { provenAt: at }),
  unprove: (machine) => Object.assign(machine, { provenAt: undefined }),
  stop: (machine, at) => {
    const silent = { ready: "Unknown", readySince: at - 11 * MINUTE } as const;
    Object.assign(machine, { isRunning: false, ...silent });
  },
  silence: (machine, at) => Object.assign(machine, { ready: "Unknown", readySince: at } as const),
  unready: (machine, at) => Object.assign(machine, { ready: "False", readySince: at } as const),
  wake: (machine, at) => Object.assign(machine, { ready: "True", readySince: at, isRunning: true } as const),
  mark: (machine) => Object.assign(machine, { isDeleting: true }),
  garble: (machine) => Object.assign(machine, { isUnreadable: true }),
  read: (machine) => Object.assign(machine, { isUnreadable: false }),
  unlist: (machine) => Object.assign(machine, { isListed: false }),
};
