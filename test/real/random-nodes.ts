import type { KubeObject } from "../contracts/cluster-admin.ts";
import { windowsNode } from "../contracts/kube-fixture.ts";
import { randomSequence } from "../random.ts";

/** A Windows Node as any program may write it. */
export interface RandomNode {
  readonly object: KubeObject;
  readonly name: string;
  /** Its address that can be published, which it may have in common with others; undefined if it has none. */
  readonly address: string | undefined;
}

const GARBAGE: readonly string[] = (
  "<nil>||aks-win1-node|10.240.0|10.240.0.5/16|0.0.0.0|127.0.0.1|169.254.3.4|224.0.0.1|239.1.2.3|" +
  "::|::1|fe80::1|fd00::1|FD00::1|ff02::1|::ffff:10.0.0.1|constructor"
).split("|");
/** Names that every object of JavaScript has, and others that a DNS name can be. */
const NAMES = ["constructor", "valueof", "tostring", "hasownproperty", "then", "length", "name", "0", "1.5"];
const TWIN = "10.9.9.9";

/** Returns random nodes, the same for the same seed: with garbage before and after their address, or instead of it. */
export function randomNodes(seed: number, count: number): readonly RandomNode[] {
  const random = randomSequence(seed);
  const garbage = (): readonly string[] =>
    Array.from({ length: Math.floor(random() * 3) }, () => GARBAGE[Math.floor(random() * GARBAGE.length)] ?? "");
  const addressOf = (index: number): string | undefined => {
    const kind = random();
    return kind < 0.3 ? undefined : kind > 0.9 ? TWIN : `10.${index % 200}.${seed % 200}.${index + 1}`;
  };
  return Array.from({ length: count }, (_, index): RandomNode => {
    const name = NAMES[index] ?? windowsNode(index + 2000).metadata.name;
    const address = random() < 0.05 ? undefined : addressOf(index);
    // Kubernetes reads the parts of an IPv4 address as decimal, whatever zeros lead them.
    const written = random() < 0.2 ? address?.replace("10.", "010.") : address;
    const all = [...garbage(), ...(written === undefined ? [] : [written]), ...garbage()];
    return { object: nodeOf(name, { addresses: [...new Set(all)], isBare: random() < 0.1 }), name, address };
  });
}

/** Returns a Node with InternalIP addresses, each of which the API server takes once; a bare one has little else. */
function nodeOf(
  name: string,
  { addresses, isBare }: { readonly addresses: readonly string[]; readonly isBare: boolean },
): KubeObject {
  const node = windowsNode(0);
  const labels = isBare ? { "kubernetes.io/os": "windows" } : (node.metadata.labels ?? {});
  const listed = [
    { type: "Hostname", address: name },
    ...addresses.map((address) => ({ type: "InternalIP", address })),
  ];
  const status = { ...(isBare ? {} : Object(node["status"])), addresses: listed };
  return { ...node, metadata: { name, labels }, status };
}
