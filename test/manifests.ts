import { readFileSync } from "node:fs";
import { parse, parseAllDocuments } from "yaml";
import { KINDS, type KubeObject, type Kind } from "./contracts/cluster-admin.ts";

const BASE = new URL("../infra/kubernetes/base/", import.meta.url);
/** The placeholder for the object ID of the app's identity in the bindings. */
const PLACEHOLDER = "00000000-0000-0000-0000-000000000000";

interface Kustomization {
  readonly namespace: string;
  readonly labels: readonly { readonly pairs: Readonly<Record<string, string>> }[];
  readonly resources: readonly string[];
}

/** Returns what `kubectl apply -k infra/kubernetes/base` applies for an identity, with kustomize's namespace and labels. */
export function readManifests(objectId: string): readonly KubeObject[] {
  const kustomization: Kustomization = parse(readFileSync(new URL("kustomization.yaml", BASE), "utf8"));
  const { namespace, labels, resources } = kustomization;
  const added = Object.assign({}, ...labels.map(({ pairs }) => pairs)) as Record<string, string>;
  return resources
    .flatMap((file) => read(file, objectId))
    .map((object) => ({
      ...object,
      metadata: {
        ...object.metadata,
        ...(KINDS[object.kind as Kind].isNamespaced && { namespace }),
        labels: { ...object.metadata.labels, ...added },
      },
    }));
}

function read(file: string, objectId = PLACEHOLDER): readonly KubeObject[] {
  const text = readFileSync(new URL(file, BASE), "utf8").replaceAll(PLACEHOLDER, objectId);
  return parseAllDocuments(text).map((document) => document.toJS() as KubeObject);
}
