import type { Clock } from "./clock.ts";
import type { ClusterAdmin, KubeObject } from "./contracts/cluster-admin.ts";
import type { ArmWorld, Cluster, Instance, ScaleSet } from "./simulators/arm/world.ts";

const INTERVAL_MS = 10_000;

/** The state of a registered node; a reimaged machine registers again as a new node. */
interface Registered {
  readonly life: number;
  readonly ready: string;
}

/** Acts as kubelets and AKS: creates a Node for a provisioned machine, and deletes it for a reimaged or deleted one. */
export class NodeRegistrar {
  readonly #known = new Map<string, Registered>();
  readonly #clock: Clock;
  readonly #world: ArmWorld;
  readonly #admin: ClusterAdmin;

  constructor(clock: Clock, world: ArmWorld, admin: ClusterAdmin) {
    this.#clock = clock;
    this.#world = world;
    this.#admin = admin;
  }

  /** Registers the machines now and every ten seconds of the clock. */
  async start(): Promise<void> {
    await this.#register();
    this.#clock.schedule(this.#clock.now() + INTERVAL_MS, () => this.start());
  }

  async #register(): Promise<void> {
    const machines = new Map(
      this.#world.scaleSets.flatMap((set) =>
        set.instances.map((each) => [each.computerName.toLowerCase(), { set, each }]),
      ),
    );
    for (const [name, known] of this.#known) {
      const machine = machines.get(name)?.each;
      if (!machine || machine.state === "Deleting" || isReimaged(machine, known)) await this.#remove(name);
    }
    for (const [name, { set, each }] of machines) {
      const isUp = each.state === "Succeeded" || this.#known.has(name);
      if (isUp && each.state !== "Deleting") await this.#put(name, set, each);
    }
  }

  async #remove(name: string): Promise<void> {
    this.#known.delete(name);
    await this.#admin.deleteNode(name);
  }

  async #put(name: string, set: ScaleSet, instance: Instance): Promise<void> {
    const isUp = instance.power === "running" && this.#clock.now() >= instance.upAt;
    const now = { life: instance.life, ready: isUp ? "True" : "Unknown" };
    const before = this.#known.get(name);
    this.#known.set(name, now);
    if (before?.ready === now.ready) return;
    await this.#admin.putNode(this.#node(name, set, { instance, ready: now.ready }));
  }

  #node(name: string, set: ScaleSet, { instance, ready }: { instance: Instance; ready: string }): KubeObject {
    const cluster: Cluster | undefined = this.#world.clusters.find(({ id }) => id === set.clusterId);
    const pool = cluster?.pools.find(({ scaleSet }) => scaleSet === set.name);
    const at = new Date(this.#clock.now()).toISOString();
    return {
      apiVersion: "v1",
      kind: "Node",
      metadata: {
        name,
        labels: {
          "kubernetes.io/os": pool?.os === "Windows" ? "windows" : "linux",
          "kubernetes.azure.com/agentpool": pool?.name ?? "",
          "topology.kubernetes.io/zone": "0",
        },
      },
      spec: { providerID: `azure://${set.id}/virtualMachines/${instance.id}` },
      status: {
        // Another boot has another ID.
        nodeInfo: {
          bootID: `${instance.vmId}-${instance.life}-${instance.boots}`,
          osImage: pool?.os === "Windows" ? "Windows Server 2022 Datacenter" : "Ubuntu 22.04.5 LTS",
        },
        addresses: [
          { type: "InternalIP", address: instance.ip },
          { type: "Hostname", address: name },
        ],
        conditions: [
          {
            type: "Ready",
            status: ready,
            reason: ready === "True" ? "KubeletReady" : "NodeStatusUnknown",
            message: "",
            lastHeartbeatTime: at,
            lastTransitionTime: at,
          },
        ],
      },
    };
  }
}

/** Returns whether the machine's disk is being replaced: AKS deletes the node, and it returns as a new one. */
function isReimaged({ state, power, life }: Instance, known: Registered): boolean {
  return life !== known.life && power === "running" && state === "Updating";
}
