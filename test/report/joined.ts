import { parseNodeName } from "../../shared/model/ids.ts";
import type { EndpointFacts, InstanceFacts, Verdict } from "../../shared/model/verdict.ts";
import type { JoinedNode } from "../../shared/report/join.ts";
import { CLUSTER_ID, HOUR, instance, NOW, SET_ID } from "../build.ts";

/** Builders of verdicts, with what they know of a node that is well. */
const NODE = parseNodeName("akswin1000000");

export function instanceVerdict(over: Partial<Verdict> = {}, facts: Partial<InstanceFacts> = {}): Verdict {
  const { id, vmId } = instance("0");
  const subject = { kind: "instance", scaleSet: SET_ID, id, vmId, node: NODE } as const;
  const known: InstanceFacts = { pool: "win1", isDesired: true, ...facts };
  return { subject, state: "current", since: NOW - 2 * HOUR, instance: known, ...over };
}

export function endpointVerdict(over: Partial<Verdict> = {}, facts: Partial<EndpointFacts> = {}): Verdict {
  const endpoint: EndpointFacts = {
    pool: "win1",
    source: "managed",
    endpoint: "10.240.0.4:9182",
    isReady: true,
    live: "ready",
    ...facts,
  };
  return { subject: { kind: "node", node: NODE }, state: "published", since: NOW - HOUR, endpoint, ...over };
}

export function setVerdict(over: Partial<Verdict> = {}): Verdict {
  const subject = { kind: "scale-set", scaleSet: SET_ID, pool: "win1" } as const;
  return { subject, state: "at-rest", since: NOW - 2 * HOUR, ...over };
}

export function objectsVerdict(over: Partial<Verdict> = {}): Verdict {
  return { subject: { kind: "cluster", cluster: CLUSTER_ID }, state: "in-sync", since: NOW - 2 * HOUR, ...over };
}

/** Returns a node that is well, but for what a test changes. */
export function joined(over: Partial<JoinedNode> = {}): JoinedNode {
  return {
    node: NODE,
    pool: "win1",
    instance: instanceVerdict(),
    scaleSet: [setVerdict()],
    isSubmitted: false,
    endpoint: endpointVerdict(),
    objects: objectsVerdict(),
    isWritten: false,
    isClusterRead: true,
    ...over,
  };
}
