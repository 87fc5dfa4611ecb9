import { readFile } from "node:fs/promises";
import https from "node:https";
import { createInterface } from "node:readline";
import { type KubeObject, NAMESPACE } from "../contracts/cluster-admin.ts";
import type { ControlPlane } from "./control-plane.ts";

const MANAGED_BY = "endpointslice.kubernetes.io/managed-by";
const SERVICE = "kubernetes.io/service-name";
const DEADLINE_MS = 30_000;

/** A version of a slice. */
interface SeenSlice {
  readonly type: "ADDED" | "MODIFIED" | "DELETED";
  readonly name: string;
  readonly service: string | undefined;
  readonly managedBy: string | undefined;
  readonly endpoints: number;
}

/** A watch that records every version of every slice. */
export interface SliceWatch {
  /** Returns the versions since the start or the last `forget`. */
  seen(service: string): readonly SeenSlice[];
  forget(): void;
  /** Waits until the mirroring controller and the watch have processed all earlier writes. */
  settle(): Promise<void>;
  stop(): void;
}

/** Starts the watch. To settle, it creates a Service with Endpoints and waits until the controller has mirrored them. */
export async function watchSlices(real: ControlPlane): Promise<SliceWatch> {
  const { users } = JSON.parse(await readFile(real.kubeconfigPath, "utf8")) as { users: { user: { token: string } }[] };
  const headers = { authorization: `Bearer ${users[0]?.user.token}` };
  const url = `${real.url}/apis/discovery.k8s.io/v1/namespaces/${NAMESPACE}/endpointslices?watch=1`;
  const seen: SeenSlice[] = [];
  let check: (() => void) | undefined;
  const request = https.get(url, { ca: real.caPem, headers }, (answer) => {
    const lines = createInterface(answer).on("line", (line) => {
      seen.push(toSeenSlice(JSON.parse(line) as WatchEvent));
      check?.();
    });
    for (const stream of [answer, lines]) stream.on("error", () => undefined);
  });
  // The request ends with the API server or with `stop`.
  request.on("error", () => undefined);
  let rounds = 0;

  const until = (isThere: () => boolean, what: string): Promise<void> =>
    new Promise((resolve, reject) => {
      const late = setTimeout(() => reject(new Error(`the watch did not receive ${what}`)), DEADLINE_MS);
      check = () => {
        if (!isThere()) return;
        clearTimeout(late);
        resolve();
      };
      check();
    });

  return {
    seen: (of) => seen.filter(({ service }) => service === of),
    forget: () => void seen.splice(0),
    settle: async () => {
      const name = `control-${Date.now()}-${++rounds}`;
      const ports = [{ name: "metrics", port: 9182 }];
      await real.apply({ ...object("Service", name), spec: { clusterIP: "None", ports } });
      await real.apply({ ...object("Endpoints", name), subsets: [{ addresses: [{ ip: "10.9.9.9" }], ports }] });
      await until(() => seen.some(({ service }) => service === name), `the mirrored slice of ${name}`);
      await real.delete("Endpoints", name);
      await real.delete("Service", name);
      await until(() => seen.some(({ service, type }) => service === name && type === "DELETED"), "its deletion");
    },
    stop: () => void request.destroy(),
  };
}

interface WatchEvent {
  readonly type: SeenSlice["type"];
  readonly object: KubeObject;
}

function toSeenSlice({ type, object: { metadata, endpoints } }: WatchEvent): SeenSlice {
  const { name, labels = {} } = metadata;
  return {
    type,
    name,
    service: labels[SERVICE],
    managedBy: labels[MANAGED_BY],
    endpoints: [endpoints ?? []].flat().length,
  };
}

function object(kind: string, name: string): KubeObject {
  return { apiVersion: "v1", kind, metadata: { name } };
}
