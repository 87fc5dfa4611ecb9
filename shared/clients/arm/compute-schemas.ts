import * as v from "valibot";
import { list, object, orNull, text } from "../../model/schema.ts";

/**
 * Schemas of what the app reads from Azure Compute. The types of the SDK promise more than a response keeps: anything
 * but an identity can be absent or null, and no list needs to be there.
 */
const anyText = orNull(v.string("a text"));
const flag = orNull(v.boolean("true or false"));
const listOf = <T extends v.GenericSchema>(schema: T) =>
  v.pipe(
    orNull(list(schema)),
    v.transform((items) => items ?? []),
  );

const image = object({
  id: anyText,
  sharedGalleryImageId: anyText,
  communityGalleryImageId: anyText,
  publisher: anyText,
  offer: anyText,
  sku: anyText,
  version: anyText,
  exactVersion: anyText,
});

export type Image = v.InferOutput<typeof image>;

const sku = orNull(object({ name: anyText }));

const modelExtension = object({
  name: text,
  publisher: anyText,
  typePropertiesType: anyText,
  typeHandlerVersion: anyText,
  autoUpgradeMinorVersion: flag,
  enableAutomaticUpgrade: flag,
  suppressFailures: flag,
  provisionAfterExtensions: listOf(v.string("a text")),
  forceUpdateTag: anyText,
  settings: v.optional(v.unknown()),
});

export type RawModelExtension = v.InferOutput<typeof modelExtension>;

/** A scale set's model. */
export const scaleSet = object({
  id: text,
  name: text,
  tags: orNull(v.record(v.string(), anyText)),
  etag: anyText,
  provisioningState: anyText,
  upgradePolicy: orNull(object({ mode: anyText })),
  orchestrationMode: anyText,
  sku,
  virtualMachineProfile: orNull(
    object({
      storageProfile: orNull(object({ osDisk: orNull(object({ osType: anyText })), imageReference: orNull(image) })),
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

const status = object({ code: anyText, displayStatus: anyText, message: anyText, time });

export type Status = v.InferOutput<typeof status>;

const extensionView = object({ name: text, statuses: listOf(status), substatuses: listOf(status) });

export type ExtensionView = v.InferOutput<typeof extensionView>;

const resource = object({ id: anyText, name: anyText, forceUpdateTag: anyText, settings: v.optional(v.unknown()) });

export type Resource = v.InferOutput<typeof resource>;

/** An instance, with its view. */
export const instance = object({
  instanceId: text,
  vmId: text,
  name: anyText,
  provisioningState: anyText,
  latestModelApplied: flag,
  sku,
  osProfile: orNull(object({ computerName: anyText })),
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
