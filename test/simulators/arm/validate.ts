import { Ajv2020 } from "ajv/dist/2020.js";
import type { ValidateFunction } from "ajv/dist/2020.js";
import extensionSchema from "../../fixtures/arm-schemas/compute-virtualmachinescalesets-extensions.2026-04-01.request.schema.json" with { type: "json" };
import { ArmError, isRecord } from "./http.ts";
import type { ExtensionProperties } from "./world.ts";

const ajv = new Ajv2020({ strict: false });

/** The body of an extension PUT. */
export interface ExtensionBody {
  name?: string;
  properties?: ExtensionProperties;
}

const isExtension = ajv.compile<ExtensionBody>(extensionSchema);

const isInstanceIds = ajv.compile<{ instanceIds: string[] }>({
  type: "object",
  properties: { instanceIds: { type: "array", minItems: 1, items: { type: "string" } } },
  required: ["instanceIds"],
  additionalProperties: false,
});

/** Parses an extension, or answers 400; property names may be written in any case. */
export function extensionBody(body: string | undefined): ExtensionBody {
  return checked(isExtension, body);
}

/** Parses the ids of a manualupgrade, or answers 400. */
export function instanceIdsBody(body: string | undefined): string[] {
  return checked(isInstanceIds, body).instanceIds;
}

function checked<T>(isValid: ValidateFunction<T>, text: string | undefined): T {
  const body = spelled(parsed(text), isValid.schema, isValid.schema);
  if (isValid(body)) return body;
  const [error] = isValid.errors ?? [];
  const what = `'${error?.message ?? ""}' ${JSON.stringify(error?.params ?? {})}. Path '${error?.instancePath ?? ""}'`;
  throw invalid(`The request content was invalid and could not be deserialized: ${what}.`);
}

function parsed(text: string | undefined): unknown {
  try {
    const body: unknown = JSON.parse(text ?? "");
    return body;
  } catch {
    throw invalid("The request content was invalid and could not be deserialized: 'Unexpected end of JSON input'.");
  }
}

function invalid(message: string): ArmError {
  return new ArmError(400, { code: "InvalidRequestContent", message });
}

/** The body with property names spelled as the schema has them: ARM reads them without regard to case. */
function spelled(value: unknown, schema: unknown, root: unknown): unknown {
  const shape = resolved(schema, root);
  if (Array.isArray(value)) return value.map((item) => spelled(item, shape["items"], root));
  const properties = shape["properties"];
  if (!isRecord(value) || !isRecord(properties)) return value;
  const names = Object.keys(properties);
  return Object.fromEntries(
    Object.entries(value).map(([key, member]) => {
      const name = names.find((known) => known.toLowerCase() === key.toLowerCase()) ?? key;
      return [name, spelled(member, properties[name], root)];
    }),
  );
}

function resolved(schema: unknown, root: unknown): Record<string, unknown> {
  if (!isRecord(schema)) return {};
  const ref = schema["$ref"];
  const defs = isRecord(root) ? root["$defs"] : undefined;
  if (typeof ref !== "string" || !isRecord(defs)) return schema;
  return resolved(defs[ref.split("/").at(-1) ?? ""], root);
}
