const SECOND = 1000;
const MINUTE = 60 * SECOND;

/** How long Azure's operations take, in milliseconds: orders of magnitude from recordings. */
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
  /** A restart of a machine, and how long after AKS's own extension it begins on nodes that AKS restarts. */
  restart: MINUTE,
  untilBootstrapRestart: 15 * SECOND,
  /** The upgrade of an instance on which no handler has to run. */
  upgradeInstance: 10 * SECOND,
  /** An extension without a handler in `handlers`. */
  extension: 30 * SECOND,
  /** extensionsTimeBudget of an AKS scale set, PT16M: how long Compute waits for an agent that does not report. */
  timeBudget: 16 * MINUTE,
  /** How long AKS waits before it retries after a 409. */
  retry: 15 * SECOND,
};
