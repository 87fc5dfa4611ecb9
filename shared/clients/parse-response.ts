import * as v from "valibot";
import { describeIssues } from "../model/schema.ts";

/**
 * Parses a resource in a response. The types of the SDKs promise fields that a response can lack. Throws a TypeError that
 * names the resource and every invalid field; `runCall` adds the call and makes it a fault of kind `bug`.
 */
export function parseResponse<T extends v.GenericSchema>(
  schema: T,
  response: unknown,
  resource: string,
): v.InferOutput<T> {
  const result = v.safeParse(schema, response);
  if (result.success) return result.output;
  throw new TypeError(`unexpected response, ${resource}: ${describeIssues(result.issues).join("; ")}`);
}
