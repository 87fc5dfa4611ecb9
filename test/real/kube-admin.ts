import https from "node:https";
import { text } from "node:stream/consumers";
import { parseJson, textIn } from "../../shared/model/json.ts";
import { type ClusterAdmin, KINDS, type Kind, type KubeObject, NAMESPACE } from "../contracts/cluster-admin.ts";

/** An administrator's access to an API server. */
export interface KubeAdminOptions {
  readonly url: string;
  readonly caPem: string;
  readonly token: string;
  readonly etcdUrl: string;
}

export type KubeAdmin = Omit<ClusterAdmin, "close" | "hasControllers"> & {
  /** Throws until the API server is ready. */
  ready(): Promise<void>;
};

interface Sent {
  readonly type?: string;
  readonly body?: object;
}

/** Returns the operations of an administrator on a real cluster. */
export function createKubeAdmin({ url, caPem, token, etcdUrl }: KubeAdminOptions): KubeAdmin {
  const agent = new https.Agent({ ca: caPem, keepAlive: true, maxSockets: 32 });
  const call = async (
    method: string,
    path: string,
    { type = "application/json", body }: Sent = {},
  ): Promise<string> => {
    const headers = { authorization: `Bearer ${token}`, "content-type": type };
    const { status, answer } = await new Promise<{ status: number; answer: Promise<string> }>((resolve, reject) => {
      const request = https.request(`${url}${path}`, { agent, method, headers }, (message) =>
        resolve({ status: message.statusCode ?? 0, answer: text(message) }),
      );
      request.on("error", reject).end(body === undefined ? undefined : JSON.stringify(body));
    });
    const said = await answer;
    if (status >= 400) throw new AnswerError(status, `${method} ${path}: ${messageOf(said)}`);
    return said;
  };
  const callFor = async <T>(...args: Parameters<typeof call>): Promise<T> => JSON.parse(await call(...args)) as T;

  return {
    url,
    caPem,
    ready: async () => void (await call("GET", "/readyz")),
    putNode: async (node) => {
      const path = pathOf("Node", node.metadata.name);
      const { status, ...rest } = node;
      const type = "application/merge-patch+json";
      const made = await unlessStatus(404, () => call("PATCH", path, { type, body: rest }));
      if (made === undefined) await call("POST", "/api/v1/nodes", { body: rest });
      if (status !== undefined) {
        // The node may already be deleted, with its last finalizer.
        await unlessStatus(404, () => call("PATCH", `${path}/status`, { type, body: { status } }));
      }
    },
    deleteNode: async (name) => void (await unlessStatus(404, () => call("DELETE", pathOf("Node", name)))),
    apply: (object, manager = "kubectl") =>
      callFor("PATCH", `${pathOf(object.kind as Kind, object.metadata.name)}?fieldManager=${manager}&force=true`, {
        type: "application/apply-patch+yaml",
        body: object,
      }),
    delete: async (kind, name) => void (await unlessStatus(404, () => call("DELETE", pathOf(kind, name)))),
    get: (kind, name) => unlessStatus(404, () => callFor<KubeObject>("GET", pathOf(kind, name))),
    list: async (kind) => {
      const { items, apiVersion } = await callFor<{ items: KubeObject[]; apiVersion: string }>("GET", pathOf(kind));
      return items.map((item) => ({ ...item, apiVersion, kind }));
    },
    requests: async () => countRequests(await call("GET", "/metrics")),
    expireLists: async () => {
      // Compaction needs a revision that is later than those of the lists.
      const name = "expire-lists";
      const made = await callFor<KubeObject>("POST", "/api/v1/namespaces/default/configmaps", {
        body: { metadata: { name } },
      });
      await call("DELETE", `/api/v1/namespaces/default/configmaps/${name}`);
      const body = JSON.stringify({ revision: made.metadata.resourceVersion, physical: true });
      const answer = await fetch(`${etcdUrl}/v3/kv/compaction`, { method: "POST", body });
      if (!answer.ok) throw new Error(await answer.text());
    },
  };
}

class AnswerError extends Error {
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

/** Returns the message of the API server's Status object, else the whole body. */
function messageOf(body: string): string {
  return textIn(parseJson(body), "message") ?? body;
}

async function unlessStatus<T>(status: number, work: () => Promise<T>): Promise<T | undefined> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof AnswerError && error.status === status) return undefined;
    throw error;
  }
}

function pathOf(kind: Kind, name?: string): string {
  const { api, resource, isNamespaced } = KINDS[kind];
  return `${api}${isNamespaced ? `/namespaces/${NAMESPACE}` : ""}/${resource}${name === undefined ? "" : `/${name}`}`;
}

/** `apiserver_request_total{code="200",…,resource="endpoints",…,verb="APPLY",…} 15`, summed over the codes. */
function countRequests(metrics: string): Readonly<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const [, labels = "", value] of metrics.matchAll(/^apiserver_request_total\{(.*)\} (\S+)$/gm)) {
    const of = (label: string): string => new RegExp(`\\b${label}="([^"]*)"`).exec(labels)?.[1] ?? "";
    const key = `${of("verb")} ${of("resource")}`;
    counts[key] = (counts[key] ?? 0) + Number(value);
  }
  return counts;
}
