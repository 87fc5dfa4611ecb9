import { type ClusterId, splitId } from "../model/ids.ts";

/** An HTTP response with a JSON body. */
export interface Answer {
  readonly status: number;
  readonly jsonBody: unknown;
}

/** Returns the refusal of a request, with what was found and what was expected. */
export function refusal(status: number, error: string): Answer {
  return { status, jsonBody: { error } };
}

/** Returns a refusal if a request has a parameter that the function does not know; `code` is the function's key. */
export function unknownParameters(query: URLSearchParams, known: readonly string[]): Answer | undefined {
  const unknown = [...query.keys()].filter((key) => !known.includes(key));
  if (unknown.length === 0) return undefined;
  const expected = known.filter((key) => key !== "code");
  const list = `${expected.slice(0, -1).join(", ")} or ${expected.at(-1)}`;
  return refusal(400, `found the parameter ${unknown.join(", ")}, expected ${list}`);
}

/** Returns the clusters that a request is about: the one with this name or id, or all. */
export function findClusters(
  asked: string | null,
  known: readonly ClusterId[],
): { readonly found: readonly ClusterId[] } | Answer {
  if (asked === null) return { found: known };
  const found = known.filter((id) => id === asked.toLowerCase() || splitId(id).name === asked.toLowerCase());
  if (found.length === 0) {
    const names = known.map((id) => splitId(id).name).join(", ");
    return refusal(404, `found no cluster '${asked}', expected one of AKS_CLUSTER_IDS: ${names}`);
  }
  if (found.length > 1) return refusal(400, `found ${found.length} clusters named '${asked}', expected the id of one`);
  return { found };
}
