/** A built-in role of Azure, assigned on a resource that the template creates. */
interface BuiltInRole {
  readonly role: string;
  readonly assignee: string;
  readonly scope: string;
  readonly purpose: string;
  /** What fails without the role. */
  readonly ifMissing: string;
}

/** The built-in roles that the template assigns, in addition to the custom roles. */
export const BUILT_IN_ROLES: readonly BuiltInRole[] = [
  {
    role: "Storage Blob Data Owner",
    assignee: "the app's identity",
    scope: "the storage account of the Functions host",
    purpose:
      "The host stores its locks, timers and keys in the account, and loads the code from it. The app creates the container `aks-windows-metrics`, and stores memory, leases, pass requests and reports there.",
    ifMissing:
      "The host does not start. If only the app's container cannot be accessed, no pass runs: the call `acquire lease …` fails.",
  },
  {
    role: "Monitoring Metrics Publisher",
    assignee: "the app's identity",
    scope: "Application Insights, which accepts no instrumentation key",
    purpose: "The app sends logs and request telemetry with a token of its identity.",
    ifMissing:
      "The app works, but Application Insights receives no logs. The alert on failed passes never fires, and the alert on absent passes does.",
  },
  {
    role: "Storage Blob Data Contributor",
    assignee: "the identity of each Event Grid system topic",
    scope: "the container `eventgrid-deadletter`",
    purpose: "Event Grid stores events there that it could not deliver.",
    ifMissing:
      "Event Grid rejects the event subscription, or drops undelivered events without a trace. The timer triggers still run the passes.",
  },
];
