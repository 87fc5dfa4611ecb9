import { readFileSync } from "node:fs";
import { Ajv2020 } from "ajv/dist/2020.js";
import { renderPage } from "../../shared/report/page/page.ts";
import type { ClusterStatus, NodeState, NodeStatus, Problem } from "../../shared/report/status.ts";
import { readStatus } from "../../shared/triggers/status.ts";
import type { Passes } from "../passes.ts";

const ORIGIN = "https://func-awm.example";
const schema: object = JSON.parse(readFileSync(new URL("../../docs/status.schema.json", import.meta.url), "utf8"));
const isValid = new Ajv2020({ formats: { "date-time": true } }).compile(schema);

/** What a person sees of a cluster: the status as JSON, which has the documented schema, and as a page. */
export interface Seen extends ClusterStatus {
  readonly code: number;
  readonly page: string;
  /** All nodes, by name. */
  readonly nodes: readonly NodeStatus[];
}

/** Reads the status as a person does; throws if the JSON does not have the schema. */
export async function see({ deps }: Pick<Passes, "deps">): Promise<Seen> {
  const { status, code } = await readStatus(deps, ORIGIN);
  if (!isValid(JSON.parse(JSON.stringify(status)))) throw new Error(JSON.stringify(isValid.errors));
  const [cluster] = status.clusters;
  if (!cluster) throw new Error("the status has no cluster");
  const nodes = cluster.pools.flatMap((pool) => pool.nodes).toSorted((a, b) => a.node.localeCompare(b.node));
  return { ...cluster, code, nodes, page: renderPage(status) };
}

/** Returns the states of all nodes, in the order of their names. */
export function statesIn({ nodes }: Seen): readonly NodeState[] {
  return nodes.map(({ state }) => state);
}

/** Returns the problem with a reason; throws if there is none. */
export function problemIn({ problems }: Seen, reason: Problem["reason"]): Problem {
  const found = problems.find((each) => each.reason === reason);
  if (!found) throw new Error(`no problem ${reason} in: ${problems.map(({ title }) => title).join("; ") || "none"}`);
  return found;
}
