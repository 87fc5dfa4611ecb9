import { readFileSync } from "node:fs";
import { Ajv2020, type ValidateFunction } from "ajv/dist/2020.js";
import { isRecord } from "./http.ts";

const ajv = new Ajv2020({ strict: false });

export const SETS = "compute-virtualmachinescalesets.2026-04-01";
export const EXTENSIONS = "compute-virtualmachinescalesets-extensions.2026-04-01";
export const VMS = "compute-virtualmachinescalesets-virtualmachines.2026-04-01";
export const VIEWS = `${VMS}#/$defs/VirtualMachineScaleSetVMInstanceView_981`;
export const CLUSTERS = "containerservice-managedclusters.2026-05-01";
export const POOLS = "containerservice-managedclusters-agentpools.2026-05-01";

const compiled = new Map<string, ValidateFunction>();

/** Returns the errors of a response, or of each item of a list, against a schema; an empty list is an error. */
export function findSchemaErrors(name: string, body: unknown): readonly unknown[] {
  const items = isRecord(body) && Array.isArray(body["value"]) ? body["value"] : [body];
  if (items.length === 0) return ["the list is empty"];
  const validate = compiled.get(name) ?? compile(name);
  return items.flatMap((item): readonly unknown[] => (validate(item) ? [] : (validate.errors ?? ["invalid"])));
}

function compile(name: string): ValidateFunction {
  const [file = "", ref] = name.split("#");
  const url = new URL(`../../fixtures/arm-schemas/${file}.response.schema.json`, import.meta.url);
  const parsed: unknown = JSON.parse(readFileSync(url, "utf8"));
  if (!isRecord(parsed)) throw new Error(name);
  const validate = ajv.compile(ref === undefined ? parsed : { $defs: parsed["$defs"], $ref: `#${ref}` });
  compiled.set(name, validate);
  return validate;
}
