import { toJsonSchema } from "@valibot/to-json-schema";
import { status } from "../../shared/report/status.ts";

/** Returns the text of docs/status.schema.json: the JSON Schema (draft 2020-12) of the answer of `GET /api/status`. */
export function statusSchema(): string {
  const schema = toJsonSchema(status, { target: "draft-2020-12", typeMode: "output", errorMode: "ignore" });
  return `${JSON.stringify({ $schema: "https://json-schema.org/draft/2020-12/schema", title: "Status of aks-windows-metrics, schema 1", ...schema }, null, 2)}\n`;
}
