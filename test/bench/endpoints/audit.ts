import { readFileSync } from "node:fs";

/** The API server writes a line for each request that has ended. */
export const POLICY = {
  apiVersion: "audit.k8s.io/v1",
  kind: "Policy",
  omitStages: ["RequestReceived", "ResponseStarted"],
  rules: [{ level: "Metadata" }],
};

interface Request {
  readonly isWrite: boolean;
  readonly startedAt: number;
  readonly endedAt: number;
}

/** The requests of one user that follow each other: a pass, or a sync. */
export interface Cycle {
  readonly requests: number;
  readonly writes: number;
  /** From the start of the first request to the end of the last one. */
  readonly wallMs: number;
}

/** A pause between two requests that begins a cycle; within one, the next request follows at once. */
const PAUSE_MS = 2000;

/** Returns the complete cycles of a user after a time, from the audit log of an API server. Watches do not count. */
export function readCycles(path: string, user: string, since: number): readonly Cycle[] {
  const requests = readFileSync(path, "utf8")
    .split("\n")
    .filter((line) => line.includes(`"username":"${user}"`))
    .map((line) => toRequest(JSON.parse(line)))
    .filter((each) => each !== undefined)
    .filter(({ startedAt }) => startedAt >= since)
    .toSorted((a, b) => a.startedAt - b.startedAt);
  const cycles: Request[][] = [];
  let lastEnd = 0;
  for (const request of requests) {
    if (request.startedAt - lastEnd > PAUSE_MS) cycles.push([]);
    cycles.at(-1)?.push(request);
    lastEnd = Math.max(lastEnd, request.endedAt);
  }
  return cycles.map(toCycle);
}

interface AuditLine {
  readonly verb: string;
  readonly requestReceivedTimestamp: string;
  readonly stageTimestamp: string;
}

function toRequest({ verb, requestReceivedTimestamp, stageTimestamp }: AuditLine): Request | undefined {
  if (verb === "watch") return undefined;
  const isWrite = !["get", "list"].includes(verb);
  return { isWrite, startedAt: Date.parse(requestReceivedTimestamp), endedAt: Date.parse(stageTimestamp) };
}

function toCycle(requests: readonly Request[]): Cycle {
  const startedAt = Math.min(...requests.map((each) => each.startedAt));
  const endedAt = Math.max(...requests.map((each) => each.endedAt));
  return {
    requests: requests.length,
    writes: requests.filter(({ isWrite }) => isWrite).length,
    wallMs: endedAt - startedAt,
  };
}
