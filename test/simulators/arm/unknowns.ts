/** What nobody has recorded of Azure: one switch each; tests run with both values. */
export interface Unknowns {
  /** Whether an instance counts as current by what it carries, or by the revision of the model it was brought to. */
  latestModelApplied: "by-content" | "by-revision";
  /** Whether the top-level `resources[]` of a VM shows the forceUpdateTag an extension last ran with. */
  instanceViewShowsForceUpdateTag: boolean;
  /** Whether AKS's model write on a plain scale drops foreign extensions (on upgrade and reconcile it always does). */
  scaleForeignExtensions: "drop" | "keep";
  /** Whether AKS writes the full model once more, about ten minutes after a scale or an upgrade. */
  aksFollowUpWrite: boolean;
  /** What happens to a write on a set that is busy: 409, the older operation is preempted, or the newer one waits. */
  conflict: "refuse" | "preempt" | "queue";
  /** A deallocated instance named in manualupgrade: left as it is, or the call is refused. */
  manualUpgradeOfDeallocated: "leave" | "refuse";
  /** An instance with protectFromScaleSetActions named in manualupgrade: left as it is, or upgraded. */
  manualUpgradeOfProtected: "leave" | "apply";
  /** An up-to-date instance named in manualupgrade: nothing happens, or its extensions run again. */
  manualUpgradeOfCurrent: "nothing" | "rerun";
  /** Whether manualupgrade replaces the OS disk of an instance whose image differs from the model's. */
  manualUpgradeReimages: boolean;
  /** Whether changed protectedSettings alone make a handler run again. */
  protectedSettingsAloneRerun: boolean;
  /** Whether a PUT of an extension sub-resource raises the scale set's etag. */
  extensionPutBumpsEtag: boolean;
  /** The status of a PUT of an extension that exists (the only recording, of 2020, has 201). */
  extensionPutOfExisting: 200 | 201;
  /** Whether the answer to an extension PUT still echoes protectedSettings (recorded in 2020). */
  extensionPutEchoesProtectedSettings: boolean;
  /** Whether a suppressed failure still shows as failed in the instance view. */
  suppressedFailureShows: boolean;
  /** Whether ids in lists carry the resource group in capitals (recorded in 2020). */
  listsUpperCaseGroup: boolean;
}

/** The value of each switch unless a test says otherwise. */
export const DEFAULT_UNKNOWNS: Readonly<Unknowns> = {
  latestModelApplied: "by-content",
  instanceViewShowsForceUpdateTag: false,
  scaleForeignExtensions: "drop",
  aksFollowUpWrite: false,
  conflict: "refuse",
  manualUpgradeOfDeallocated: "leave",
  manualUpgradeOfProtected: "leave",
  manualUpgradeOfCurrent: "nothing",
  manualUpgradeReimages: true,
  protectedSettingsAloneRerun: false,
  extensionPutBumpsEtag: true,
  extensionPutOfExisting: 201,
  extensionPutEchoesProtectedSettings: true,
  suppressedFailureShows: true,
  listsUpperCaseGroup: true,
};
