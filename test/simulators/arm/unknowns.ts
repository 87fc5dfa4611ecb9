/** Azure's undocumented behavior: one switch for each question, with its default. Tests run with all values. */
export const DEFAULT_UNKNOWNS = {
  /** Whether latestModelApplied compares the instance's content or the revision of the model that was last applied. */
  latestModelApplied: "by-content" as "by-content" | "by-revision",
  /** Whether the top-level `resources[]` of a VM has the forceUpdateTag of the extension's last run. */
  instanceViewShowsForceUpdateTag: false as boolean,
  /** Whether `resources[]` has the public settings of extensions (as Get-AzVmssVM) or only names and states. */
  instanceResourcesShowSettings: true as boolean,
  /** Whether substatuses have the log of an extension, cut to its end or its start if it is long, or are missing. */
  substatuses: "shown" as "shown" | "end-of-log" | "start-of-log" | "never",
  /** Which statuses of extensions have a time; a succeeded DSC has one where it was recorded. */
  extensionStatusTime: "present" as "present" | "succeeded-only" | "absent",
  /** The statuses of an extension whose run is pending; a transitioning DSC has not been recorded. */
  pendingExtensionStatuses: "transitioning" as "transitioning" | "empty" | "absent",
  /** Whether the list of statuses also has the one of the last run before, after the newest or before it. */
  extensionStatusList: "newest" as "newest" | "newest-first" | "older-first",
  /** Whether AKS drops foreign extensions when it scales a pool (on upgrade and reconcile, it always does). */
  scaleForeignExtensions: "drop" as "drop" | "keep",
  /** Whether AKS writes the full model again about ten minutes after a scale or an upgrade. */
  aksFollowUpWrite: false as boolean,
  /** Whether a write on a busy scale set preempts the earlier operation (kubernetes/autoscaler#3018) or returns 409. */
  conflict: "preempt" as "preempt" | "refuse",
  /** Whether manualupgrade skips a deallocated instance or the call fails. */
  manualUpgradeOfDeallocated: "leave" as "leave" | "refuse",
  /** Whether manualupgrade skips or upgrades an instance with protectFromScaleSetActions. */
  manualUpgradeOfProtected: "leave" as "leave" | "apply",
  /** Whether manualupgrade of an up-to-date instance does nothing or runs its extensions again. */
  manualUpgradeOfCurrent: "nothing" as "nothing" | "rerun",
  /** Whether a change of only protectedSettings makes a handler run again. */
  protectedSettingsAloneRerun: false as boolean,
  /** Whether AKS's bootstrap restarts a live node on which an upgrade runs it again. */
  bootstrapAgainRestarts: true as boolean,
  /** Whether a PUT of an extension changes the ETag of the scale set. */
  extensionPutBumpsEtag: true as boolean,
  /** Whether the response to a PUT of an extension repeats protectedSettings (recorded in 2020). */
  extensionPutEchoesProtectedSettings: true as boolean,
  /** Whether the instance view shows a suppressed failure as failed, or as succeeded with the message of the failure. */
  suppressedFailureShows: true as boolean,
  /** Whether an operation that worked ends with the old failure of another instance (Azure/azure-cli#33307). */
  oldFailureFailsOperations: false as boolean,
  /** Whether a handler's run that a restart of the machine interrupts begins again, or never reports (devtestlab#684). */
  restartedRun: "begins-again" as "begins-again" | "never-reports",
  /** Whether an extension that is new on an instance fails if another has failed (MicrosoftDocs/azure-docs#85736). */
  failedExtensionBlocksNew: false as boolean,
};

export type Unknowns = Readonly<typeof DEFAULT_UNKNOWNS>;
