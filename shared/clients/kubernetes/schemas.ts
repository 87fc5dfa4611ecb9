import * as v from "valibot";
import { isRecord } from "../../model/json.ts";
import { list, object, orNull, parserOf, text, textOrNull } from "../../model/schema.ts";
import { OWNER_LABEL, PAUSED_ANNOTATION, SKIP_MIRROR_LABEL } from "../../model/slice.ts";

export const SERVICE_LABEL = "kubernetes.io/service-name";
export const MANAGED_BY_LABEL = "endpointslice.kubernetes.io/managed-by";
export const POOL_LABEL = "kubernetes.azure.com/agentpool";
export const ZONE_LABEL = "topology.kubernetes.io/zone";

/** Schemas of the fields that the app reads, of objects as the SDK returns them: times are dates. */
const string = v.string("a text");
const time = v.date("a time");

/** Returns the schema of content that is undefined if it is not as this app writes it, and empty if it is absent. */
function listOrForeign<T extends v.GenericSchema>(schema: T) {
  const parse = parserOf(list(schema));
  return v.pipe(
    v.optional(v.unknown(), null),
    v.transform((raw) => parse(raw ?? [])),
  );
}

/** A page of a list. A page without items is no empty list: its objects would count as deleted. */
export const page = object({ items: list(v.unknown()), metadata: orNull(object({ _continue: textOrNull })) });

export const service = object({
  metadata: object({ uid: text, annotations: orNull(object({ [PAUSED_ANNOTATION]: textOrNull })) }),
  spec: orNull(
    object({
      // `v.record` would drop a key with the name `constructor`.
      selector: orNull(v.custom<object>(isRecord, "an object")),
      ipFamilies: orNull(list(string)),
    }),
  ),
});

const readyCondition = object({
  status: v.picklist(["True", "False", "Unknown"], "True, False or Unknown"),
  lastTransitionTime: orNull(time),
});

/** A node of a page that `reduceNodePage` returns: with addresses of type InternalIP and the Ready condition only. */
export const node = object({
  metadata: object({
    name: text,
    uid: text,
    labels: orNull(object({ [POOL_LABEL]: textOrNull, [ZONE_LABEL]: textOrNull })),
    creationTimestamp: time,
    deletionTimestamp: orNull(time),
  }),
  status: orNull(
    object({
      addresses: orNull(list(object({ address: string }))),
      conditions: orNull(list(readyCondition)),
      nodeInfo: orNull(object({ bootID: textOrNull })),
    }),
  ),
});

const managedFields = orNull(
  list(object({ manager: textOrNull, operation: textOrNull, fieldsV1: v.optional(v.unknown()) })),
);

const reference = v.looseObject({ kind: textOrNull, name: textOrNull, uid: textOrNull });
const port = v.looseObject({
  name: textOrNull,
  port: orNull(v.number()),
  protocol: textOrNull,
  appProtocol: textOrNull,
});

const address = v.looseObject({ ip: text, nodeName: textOrNull, targetRef: orNull(reference) });

const subset = object({
  addresses: orNull(list(address)),
  notReadyAddresses: orNull(list(address)),
  ports: orNull(list(port)),
});

export const endpoints = object({
  metadata: object({
    // Every write needs it: a write without a version would replace what the app has not read.
    resourceVersion: text,
    labels: orNull(object({ [OWNER_LABEL]: textOrNull, [SKIP_MIRROR_LABEL]: textOrNull })),
    managedFields,
  }),
  subsets: listOrForeign(subset),
});

const sliceEndpoint = v.looseObject({
  addresses: list(text),
  conditions: orNull(v.looseObject({ ready: orNull(v.boolean()) })),
  nodeName: textOrNull,
  targetRef: orNull(reference),
  zone: textOrNull,
});

export const slice = object({
  metadata: object({
    name: text,
    resourceVersion: text,
    labels: orNull(object({ [OWNER_LABEL]: textOrNull, [MANAGED_BY_LABEL]: textOrNull })),
    ownerReferences: orNull(list(object({ kind: string, name: string, uid: text }))),
    managedFields,
  }),
  addressType: string,
  ports: listOrForeign(port),
  endpoints: listOrForeign(sliceEndpoint),
});

export type ManagedFields = v.InferOutput<typeof managedFields>;
export type Node = v.InferOutput<typeof node>;
export type Reference = v.InferOutput<typeof reference>;
export type Port = v.InferOutput<typeof port>;
export type Address = v.InferOutput<typeof address>;
export type Subset = v.InferOutput<typeof subset>;
export type RawSliceEndpoint = v.InferOutput<typeof sliceEndpoint>;
