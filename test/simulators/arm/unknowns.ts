/** What nobody has recorded of Azure: one switch each, by its value unless a test says otherwise; tests run with both. */
export const DEFAULT_UNKNOWNS = {
  /** Whether an instance counts as current by what it carries, or by the revision of the model it was brought to. */
  latestModelApplied: "by-content" as "by-content" | "by-revision",
  /** Whether the top-level `resources[]` of a VM shows the forceUpdateTag an extension last ran with. */
  instanceViewShowsForceUpdateTag: false as boolean,
  /** Whether AKS's model write on a plain scale drops foreign extensions (on upgrade and reconcile it always does). */
  scaleForeignExtensions: "drop" as "drop" | "keep",
  /** Whether AKS writes the full model once more, about ten minutes after a scale or an upgrade. */
  aksFollowUpWrite: false as boolean,
  /** What happens to a write on a set that is busy: 409, or the older operation is preempted. */
  conflict: "refuse" as "refuse" | "preempt",
  /** A deallocated instance named in manualupgrade: left as it is, or the call is refused. */
  manualUpgradeOfDeallocated: "leave" as "leave" | "refuse",
  /** An instance with protectFromScaleSetActions named in manualupgrade: left as it is, or upgraded. */
  manualUpgradeOfProtected: "leave" as "leave" | "apply",
  /** An up-to-date instance named in manualupgrade: nothing happens, or its extensions run again. */
  manualUpgradeOfCurrent: "nothing" as "nothing" | "rerun",
  /** Whether manualupgrade replaces the OS disk of an instance whose image differs from the model's. */
  manualUpgradeReimages: true as boolean,
  /** Whether changed protectedSettings alone make a handler run again. */
  protectedSettingsAloneRerun: false as boolean,
  /** Whether a PUT of an extension sub-resource raises the scale set's etag. */
  extensionPutBumpsEtag: true as boolean,
  /** Whether the answer to an extension PUT still echoes protectedSettings (recorded in 2020). */
  extensionPutEchoesProtectedSettings: true as boolean,
  /** Whether a suppressed failure still shows as failed in the instance view. */
  suppressedFailureShows: true as boolean,
};

export type Unknowns = Readonly<typeof DEFAULT_UNKNOWNS>;
