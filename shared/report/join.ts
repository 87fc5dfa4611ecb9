import type { NodeName } from "../model/ids.ts";
import type { ObservedReport } from "../model/report.ts";
import type { Verdict } from "../model/verdict.ts";

/** Everything that the last passes say about one node. */
export interface JoinedNode {
  readonly node: NodeName;
  /** Empty if neither its scale set nor its name tells it. */
  readonly pool: string;
  /** The verdict on its instance, and those on the instance's scale set. */
  readonly instance: Verdict | undefined;
  readonly scaleSet: readonly Verdict[];
  /** Whether the last pass submitted an upgrade of the instance. */
  readonly isSubmitted: boolean;
  /** The verdict on its Node object, and the one on the cluster's endpoint objects. */
  readonly endpoint: Verdict | undefined;
  readonly objects: Verdict | undefined;
  /** Whether the last pass wrote every object that it had to. */
  readonly isWritten: boolean;
  /** Whether any pass has read the cluster's nodes. */
  readonly isClusterRead: boolean;
}

/** Joins the verdicts on instances and on Node objects by the node's name, whichever flow they come from. */
export function joinNodes(reports: readonly ObservedReport[]): readonly JoinedNode[] {
  const instances = byNode(reports, "instance");
  const endpoints = byNode(reports, "node");
  const reader = reports.find(({ plan }) => plan.verdicts.some(({ subject }) => subject.kind === "node"));
  const objects = reader?.plan.verdicts.find(({ subject }) => subject.kind === "cluster");
  const isWritten = reader !== undefined && reader.outcomes.length > 0 && reader.outcomes.every(isDone);
  // The API server refused these, and the pass wrote the others.
  const refused = new Set(reader?.outcomes.flatMap(({ error }) => error?.names?.nodes ?? []));
  const sets = setVerdicts(reports);
  const submitted = submittedNodes(reports);
  return [...new Set([...instances.keys(), ...endpoints.keys()])].toSorted().map((node) => {
    const instance = instances.get(node);
    const endpoint = endpoints.get(node);
    return {
      node,
      pool: poolOf(instance, endpoint),
      instance,
      scaleSet: (instance && sets.get(scaleSetOf(instance))) ?? [],
      isSubmitted: submitted.has(node),
      endpoint,
      objects,
      isWritten: isWritten && !refused.has(node),
      isClusterRead: reader !== undefined,
    };
  });
}

function poolOf(instance: Verdict | undefined, endpoint: Verdict | undefined): string {
  return instance?.instance?.pool ?? endpoint?.endpoint?.pool ?? "";
}

function scaleSetOf({ subject }: Verdict): string {
  return "scaleSet" in subject ? subject.scaleSet : "";
}

function isDone({ status }: ObservedReport["outcomes"][number]): boolean {
  return status === "done";
}

function byNode(reports: readonly ObservedReport[], kind: "instance" | "node"): ReadonlyMap<NodeName, Verdict> {
  const found = reports.flatMap(({ plan }) => plan.verdicts);
  return new Map(
    found.flatMap((verdict) => {
      const { subject } = verdict;
      return subject.kind === kind && "node" in subject ? [[subject.node, verdict] as const] : [];
    }),
  );
}

/** Returns the verdicts on each scale set. */
function setVerdicts(reports: readonly ObservedReport[]): ReadonlyMap<string, readonly Verdict[]> {
  const found = reports.flatMap(({ plan }) => plan.verdicts).filter(({ subject }) => subject.kind === "scale-set");
  return Map.groupBy(found, scaleSetOf);
}

function submittedNodes(reports: readonly ObservedReport[]): ReadonlySet<NodeName> {
  const submitted = reports.flatMap(({ outcomes }) => outcomes).filter(({ status }) => status === "submitted");
  return new Set(submitted.flatMap(({ action }) => (action.kind === "upgrade-instances" ? action.nodes : [])));
}
