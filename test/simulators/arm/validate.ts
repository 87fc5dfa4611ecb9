import { Ajv2020 } from "ajv/dist/2020.js";
import extensionSchema from "../../fixtures/arm-schemas/compute-virtualmachinescalesets-extensions.2026-04-01.request.schema.json" with { type: "json" };
import { ArmError, parseJson } from "./http.ts";
import { notModelled, type Route } from "./route.ts";

const ajv = new Ajv2020({ strict: false });

const instanceIdsSchema = {
  type: "object",
  properties: { instanceIds: { type: "array", minItems: 1, items: { type: "string" } } },
  required: ["instanceIds"],
  additionalProperties: false,
};

/** Schemas of request bodies by action; other actions have no body. */
const BODIES = new Map([
  ["Microsoft.Compute/virtualMachineScaleSets/extensions/write", ajv.compile(extensionSchema)],
  ["Microsoft.Compute/virtualMachineScaleSets/manualUpgrade/action", ajv.compile(instanceIdsSchema)],
  // Their routes check what the body changes.
  ["Microsoft.Compute/virtualMachineScaleSets/write", ajv.compile({ type: "object" })],
  ["Microsoft.Compute/virtualMachineScaleSets/virtualMachines/write", ajv.compile({ type: "object" })],
]);

/** Throws a 400 if the request has no well-formed api-version. */
export function checkApiVersion(url: URL): void {
  const version = url.searchParams.get("api-version");
  if (version !== null && /^\d{4}-\d{2}-\d{2}(?:-preview)?$/.test(version)) return;
  const message = "The api-version query parameter (?api-version=) is required for all requests.";
  throw new ArmError(400, { code: version ? "InvalidApiVersionParameter" : "MissingApiVersionParameter", message });
}

/** Throws a 501 for a query option that is not modelled: to ignore it could change the response. */
export function checkQuery(route: Route, url: URL): void {
  const strange = [...url.searchParams.keys()].find(
    (key) => !["api-version", "$skiptoken", ...route.query].includes(key),
  );
  const expand = url.searchParams.get("$expand")?.toLowerCase() ?? "instanceview";
  if (strange === undefined && expand === "instanceview") return;
  throw notModelled(route.method, `${url.pathname} with ${strange ?? "$expand"}`);
}

/** Parses a body and validates it against its schema; throws a 400 if it is not valid. */
export function checkBody(action: string, text = ""): unknown {
  const isValid = BODIES.get(action);
  if (!isValid) return undefined;
  const body = parseJson(text);
  if (isValid(body)) return body;
  const [error] = isValid.errors ?? [];
  const what = `'${error?.message}' ${JSON.stringify(error?.params)}. Path '${error?.instancePath}'`;
  const message = `The request content was invalid and could not be deserialized: ${what}.`;
  throw new ArmError(400, { code: "InvalidRequestContent", message });
}
