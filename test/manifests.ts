import { readFileSync } from "node:fs";
import { parse, parseAllDocuments } from "yaml";
import { KINDS, type KubeObject, type Kind } from "./contracts/cluster-admin.ts";

const FOLDERS = ["base", "bindings"].map((name) => new URL(`../infra/kubernetes/${name}/`, import.meta.url));
/** The placeholder for the object ID of the app's identity in the bindings. */
export const PLACEHOLDER = "%OBJECT_ID%";

interface Kustomization {
  readonly namespace: string;
  readonly labels: readonly { readonly pairs: Readonly<Record<string, string>> }[];
  readonly resources: readonly string[];
}

/** Returns what `infra/operate/apply-manifests.sh` applies for an identity, with kustomize's namespace and labels. */
export function readManifests(objectId: string): readonly KubeObject[] {
  return FOLDERS.flatMap((folder) => {
    const kustomization: Kustomization = parse(readFileSync(new URL("kustomization.yaml", folder), "utf8"));
    const { namespace, labels, resources } = kustomization;
    const added = Object.assign({}, ...labels.map(({ pairs }) => pairs)) as Record<string, string>;
    return resources
      .flatMap((file) => read(new URL(file, folder), objectId))
      .map((object) => ({
        ...object,
        metadata: {
          ...object.metadata,
          ...(KINDS[object.kind as Kind].isNamespaced && { namespace }),
          labels: { ...object.metadata.labels, ...added },
        },
      }));
  });
}

function read(file: URL, objectId: string): readonly KubeObject[] {
  const text = readFileSync(file, "utf8").replaceAll(PLACEHOLDER, objectId);
  return parseAllDocuments(text).map((document) => document.toJS() as KubeObject);
}
