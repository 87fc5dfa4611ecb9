import * as v from "valibot";
import { list, object } from "./schema.ts";

const text = v.exactOptional(v.string());

/** Schema of `Names`. */
export const storedNames = object({
  /** The missing permission: an action of ARM, or a verb and a resource of Kubernetes. */
  action: text,
  /** The scope on which it is missing, or which is locked: a resource ID. */
  scope: text,
  /** Resource ID of the policy assignment. */
  assignment: text,
  /** Name of an extension in the model. */
  extension: text,
  /** The owner to whom something belongs. */
  owner: text,
  /** The field managers that own fields of an object. */
  managers: v.exactOptional(list(v.string())),
  /** Names of the nodes whose endpoints are refused. */
  nodes: v.exactOptional(list(v.string())),
  /** Name of an object in the Service's namespace. */
  object: text,
  /** Whether the cluster or only the pool is stopped. */
  stopped: v.exactOptional(v.picklist(["cluster", "pool"])),
  /** Name of a blob. */
  blob: text,
});

/** What refuses or is in the way, by its kind, for the command that ends it. */
export type Names = v.InferOutput<typeof storedNames>;
