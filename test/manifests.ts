import { readFileSync } from "node:fs";
import { parseAllDocuments } from "yaml";
import { KINDS, type KubeObject, type Kind } from "./contracts/cluster-admin.ts";

const BASE = new URL("../infra/kubernetes/base/", import.meta.url);
/** Stands in the bindings for the object id of the app's identity. */
const PLACEHOLDER = "00000000-0000-0000-0000-000000000000";

/** What `kubectl apply -k infra/kubernetes/base` applies, for an identity: kustomize's namespace and labels are added. */
export function readManifests(objectId: string): readonly KubeObject[] {
  const [kustomization] = read("kustomization.yaml");
  const { namespace, labels, resources } = kustomization as unknown as {
    namespace: string;
    labels: readonly { pairs: Record<string, string> }[];
    resources: readonly string[];
  };
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
