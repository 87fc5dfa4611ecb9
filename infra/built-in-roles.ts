/** A role of Azure's own, on a resource that belongs to the app. */
interface BuiltInRole {
  readonly role: string;
  readonly who: string;
  readonly on: string;
  readonly why: string;
  readonly without: string;
}

/** What the template assigns beside the custom roles; all of it on what the template itself makes. */
export const BUILT_IN_ROLES: readonly BuiltInRole[] = [
  {
    role: "Storage Blob Data Owner",
    who: "the app's identity",
    on: "the storage account of the Functions host",
    why: "The host keeps its locks, timers and keys there and loads the code from it. The app keeps memory, leases, notes and reports in the container `aks-windows-metrics`, and makes that once.",
    without:
      "The host does not start. Where only the app's own container is out of reach, no pass runs: `lease …` fails.",
  },
  {
    role: "Monitoring Metrics Publisher",
    who: "the app's identity",
    on: "Application Insights, which takes no keys",
    why: "Logs and requests are sent with the identity's token.",
    without: "The app works, and nobody sees its logs: the alerts on failed passes stay silent or say that none ran.",
  },
  {
    role: "Storage Blob Data Contributor",
    who: "the identity of each Event Grid topic, not the app's",
    on: "the container `eventgrid-deadletter`",
    why: "Events that could not be delivered are put aside there.",
    without:
      "The event subscription can't be made, or its lost events leave no trace. The timers do their work all the same.",
  },
];
