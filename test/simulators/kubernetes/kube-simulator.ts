import { once } from "node:events";
import { createServer } from "node:https";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import type { Certificate } from "../../certificates.ts";
import type { Clock } from "../../clock.ts";
import type { ClusterAdmin, Kind, KubeObject } from "../../contracts/cluster-admin.ts";
import { answer, type Call, type Fault, type KubeState } from "./calls.ts";
import { ObjectStore } from "./object-store.ts";

export interface KubeSimulatorOptions {
  readonly clock: Pick<Clock, "now">;
  readonly certificate: Certificate;
  /** The objects that an operator has applied. */
  readonly manifests: readonly KubeObject[];
}

/** An API server with its controllers, and a journal of its requests. */
export interface KubeSimulator extends ClusterAdmin {
  readonly journal: readonly Call[];
  /** Each fault applies to a number of matching requests, in order. */
  readonly faults: Fault[];
  /** Has the API server know its RBAC rules, or not yet. */
  setRules(areLoaded: boolean): void;
}

/** Starts an API server on a free port; clients need only its certificate to trust it. */
export async function startKubeSimulator(options: KubeSimulatorOptions): Promise<KubeSimulator> {
  const { clock, certificate, manifests } = options;
  const store = new ObjectStore(() => clock.now());
  const state: KubeState = { store, now: () => clock.now(), journal: [], faults: [], hasRules: true, pages: new Map() };
  const apply = (object: KubeObject, manager = "kubectl"): KubeObject => store.apply(object, manager, true);
  const remove = (kind: Kind, name: string): void => {
    if (store.get(kind, name)) store.remove(kind, name);
  };
  for (const object of manifests) apply(object);

  const server = createServer(certificate, (request, response) => {
    const handle = async (): Promise<void> => {
      const { method = "GET", url = "/", headers } = request;
      const sent = await text(request);
      const body: unknown = sent === "" ? undefined : JSON.parse(sent);
      const answered = answer(state, { method, url: new URL(url, "https://localhost"), headers, body });
      if (answered.status === 0) return void request.socket.destroy();
      response.writeHead(answered.status, { "content-type": "application/json", ...answered.headers });
      response.end(JSON.stringify(answered.body));
    };
    handle().catch((error: unknown) => response.writeHead(500).end(String(error)));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    url: `https://127.0.0.1:${(server.address() as AddressInfo).port}`,
    caPem: certificate.cert,
    hasControllers: true,
    journal: state.journal,
    faults: state.faults,
    setRules: (areLoaded) => (state.hasRules = areLoaded),
    putNode: async (node) => void apply(node),
    deleteNode: async (name) => remove("Node", name),
    apply: async (object, manager) => apply(object, manager),
    delete: async (kind, name) => remove(kind, name),
    get: async (kind, name) => store.get(kind, name),
    list: async (kind) => store.list(kind),
    requests: async () => {
      const calls = Map.groupBy(state.journal, ({ verb, resource }) => `${verb} ${resource}`);
      return Object.fromEntries([...calls].map(([name, those]) => [name, those.length]));
    },
    expireLists: async () => state.pages.clear(),
    close: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}
