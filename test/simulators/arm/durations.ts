const SECOND = 1000;
const MINUTE = 60 * SECOND;

/** How long Azure takes, in milliseconds: orders of magnitude from recordings, not promises. */
export const DURATIONS = {
  /** A model write under the Manual policy took 0.25 s in recordings. */
  modelWrite: 250,
  createInstance: 2 * MINUTE,
  deleteInstance: MINUTE,
  reimage: 2 * MINUTE,
  drain: 30 * SECOND,
  reconcile: MINUTE,
  followUp: 10 * MINUTE,
  start: MINUTE,
  deallocate: MINUTE,
  /** Upgrading an instance on which no handler has to run. */
  upgradeInstance: 10 * SECOND,
  /** An extension that has no handler of its own in `handlers`. */
  extension: 30 * SECOND,
  /** extensionsTimeBudget of an AKS set, PT16M: how long a silent agent is waited for. */
  timeBudget: 16 * MINUTE,
  /** AKS tries again this long after a 409. */
  retry: 15 * SECOND,
};
