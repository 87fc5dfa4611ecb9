import * as v from "valibot";
import { byId, list, object, orNull, text, textOrNull } from "../../model/schema.ts";

/**
 * Schemas of what the app reads from Azure Compute. The types of the SDK promise more than a response keeps: anything
 * but an identity can be absent or null, and no list needs to be there.
 */
const flag = orNull(v.boolean("true or false"));
const listOf = <T extends v.GenericSchema>(schema: T) =>
  v.pipe(
    orNull(list(schema)),
    v.transform((items) => items ?? []),
  );

const image = object({
  id: textOrNull,
  sharedGalleryImageId: textOrNull,
  communityGalleryImageId: textOrNull,
  publisher: textOrNull,
  offer: textOrNull,
  sku: textOrNull,
  version: textOrNull,
  exactVersion: textOrNull,
});

export type Image = v.InferOutput<typeof image>;

const sku = orNull(object({ name: textOrNull }));

const modelExtension = object({
  name: text,
  publisher: textOrNull,
  typePropertiesType: textOrNull,
  typeHandlerVersion: textOrNull,
  autoUpgradeMinorVersion: flag,
  enableAutomaticUpgrade: flag,
  suppressFailures: flag,
  provisionAfterExtensions: listOf(v.string("a text")),
  forceUpdateTag: textOrNull,
  settings: v.optional(v.unknown()),
});

export type RawModelExtension = v.InferOutput<typeof modelExtension>;

/** A scale set's model. */
export const scaleSet = object({
  id: text,
  name: text,
  tags: orNull(byId(textOrNull)),
  etag: textOrNull,
  provisioningState: textOrNull,
  upgradePolicy: orNull(object({ mode: textOrNull })),
  orchestrationMode: textOrNull,
  sku,
  virtualMachineProfile: orNull(
    object({
      storageProfile: orNull(object({ osDisk: orNull(object({ osType: textOrNull })), imageReference: orNull(image) })),
      extensionProfile: orNull(object({ extensions: listOf(modelExtension) })),
    }),
  ),
});

export type RawScaleSet = v.InferOutput<typeof scaleSet>;

/** The SDK makes a date of a time, and an invalid one of a text that is none. */
const time = v.pipe(
  orNull(v.unknown()),
  v.transform((value) => (value instanceof Date && !Number.isNaN(value.getTime()) ? value.getTime() : undefined)),
);

const status = object({ code: textOrNull, displayStatus: textOrNull, message: textOrNull, time });

export type Status = v.InferOutput<typeof status>;

const extensionView = object({ name: text, statuses: listOf(status), substatuses: listOf(status) });

export type ExtensionView = v.InferOutput<typeof extensionView>;

const resource = object({
  id: textOrNull,
  name: textOrNull,
  forceUpdateTag: textOrNull,
  settings: v.optional(v.unknown()),
});

export type Resource = v.InferOutput<typeof resource>;

/** An instance, with its view. */
export const instance = object({
  instanceId: text,
  vmId: text,
  name: textOrNull,
  provisioningState: textOrNull,
  latestModelApplied: flag,
  sku,
  osProfile: orNull(object({ computerName: textOrNull })),
  storageProfile: orNull(object({ imageReference: orNull(image) })),
  protectionPolicy: orNull(object({ protectFromScaleSetActions: flag })),
  resources: listOf(resource),
  instanceView: orNull(
    object({
      statuses: listOf(status),
      vmAgent: orNull(object({ statuses: listOf(status) })),
      extensions: listOf(extensionView),
    }),
  ),
});
