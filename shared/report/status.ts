import * as v from "valibot";
import { storedReason } from "../model/reason.ts";
import { count, list, object } from "../model/schema.ts";
import { verdictState } from "../model/verdict.ts";
import { LEVELS } from "./levels.ts";

/** A time in ISO 8601, in UTC. */
const time = v.pipe(v.string(), v.isoTimestamp());
const level = v.picklist(LEVELS);

/** What a person can do. */
const remedy = object({
  text: v.string(),
  /** A command for bash that can be run as it stands. */
  command: v.exactOptional(v.string()),
});

const FINDING_FIELDS = {
  level,
  reason: v.exactOptional(storedReason),
  /** What is wrong, as a sentence. */
  message: v.string(),
  since: time,
  remedy: v.exactOptional(remedy),
  /** Whether the app or AKS ends this state without a person. */
  healsItself: v.boolean(),
};

/** States of a node, in the order in which they are looked for. */
export const NODE_STATES = [
  "excluded",
  "installing",
  "planned",
  "failed",
  "waiting-for-aks",
  "queued",
  "held",
  "not-running",
  "covered",
  "outdated",
  "blind",
] as const;

const node = object({
  ...FINDING_FIELDS,
  node: v.string(),
  pool: v.string(),
  state: v.picklist(NODE_STATES),
  /** Whether Prometheus gets metrics from it: it is published as ready, and its exporter was not lost since. */
  hasMetrics: v.boolean(),
  /** Whether the cluster publishes it: `ready` with a proven exporter; `unknown` while the cluster was never read. */
  published: object({
    state: v.picklist(["ready", "not-ready", "no", "unknown"]),
    /** `10.240.0.5:9182`. */
    endpoint: v.exactOptional(v.string()),
  }),
  /** SHA-256 of the package that it carries, if that is known. */
  package: v.exactOptional(v.string()),
  /** When a failed installation is tried again. */
  nextTryAt: v.exactOptional(time),
});

/** A verdict on a cluster, a pool or its objects. */
const condition = object({ ...FINDING_FIELDS, subject: v.string(), state: verdictState });

/** Numbers of nodes by state; a state without nodes is absent. */
const counts = v.record(v.picklist(NODE_STATES), v.exactOptional(count));

const pool = object({
  pool: v.string(),
  level,
  /** Resource ID of its scale set, if a pass has read it. */
  scaleSet: v.exactOptional(v.string()),
  counts,
  conditions: list(condition),
  nodes: list(node),
});

/** What is wrong, once for all nodes that it concerns. */
const problem = object({
  ...FINDING_FIELDS,
  title: v.string(),
  pool: v.exactOptional(v.string()),
  nodes: list(v.string()),
  nextTryAt: v.exactOptional(time),
});

const pass = object({
  flow: v.string(),
  level,
  /** What the last pass did, or why there is none to show. */
  result: v.string(),
  cause: v.exactOptional(v.string()),
  startedAt: v.exactOptional(time),
  endedAt: v.exactOptional(time),
  /** Absent: at the next tick of the timer. */
  requeueAt: v.exactOptional(time),
  /** When the observation was made that this status shows, if that is an earlier pass than the last one. */
  observedAt: v.exactOptional(time),
  warnings: list(v.string()),
  outcomes: list(v.string()),
  observed: list(v.string()),
});

const cluster = object({
  /** Resource ID. */
  cluster: v.string(),
  name: v.string(),
  /** URL of its dashboard, with the setting GRAFANA_URL. */
  dashboard: v.exactOptional(v.string()),
  level,
  headline: v.string(),
  /** Sentences that explain the headline. */
  summary: list(v.string()),
  counts,
  /** Until when the cluster is paused, or some of its pools. */
  pauses: list(object({ pool: v.exactOptional(v.string()), until: time })),
  problems: list(problem),
  pools: list(pool),
  conditions: list(condition),
  /** What happened, the latest first. */
  timeline: list(object({ at: time, text: v.string() })),
  passes: list(pass),
});

/** Schema of the status: the answer of `GET /api/status`. `docs/status.schema.json` is made from it. */
export const status = object({
  schema: v.literal(1),
  at: time,
  /** The app's version, and the settings `OWNER` and `MODE`. */
  app: object({ name: v.string(), version: v.string(), mode: v.string() }),
  level,
  /** What concerns every cluster. */
  notices: list(v.string()),
  clusters: list(cluster),
});

export type Status = v.InferOutput<typeof status>;
export type ClusterStatus = v.InferOutput<typeof cluster>;
export type PoolStatus = v.InferOutput<typeof pool>;
export type NodeStatus = v.InferOutput<typeof node>;
export type NodeState = NodeStatus["state"];
export type NodeCounts = v.InferOutput<typeof counts>;
export type Condition = v.InferOutput<typeof condition>;
export type Problem = v.InferOutput<typeof problem>;
export type PassStatus = v.InferOutput<typeof pass>;
export type Remedy = v.InferOutput<typeof remedy>;
