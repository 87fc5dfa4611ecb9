import type { KubeObject } from "../../contracts/cluster-admin.ts";
import { windowsNode } from "../../contracts/kube-fixture.ts";

/** A kubelet reports at most 50 images. */
const IMAGES = 50;
const SIZES = ["cpu", "memory", "ephemeral-storage", "pods", "hugepages-2Mi", "attachable-volumes-azure-disk"];
const CONDITIONS = ["MemoryPressure", "DiskPressure", "PIDPressure", "NetworkUnavailable", "FrequentKubeletRestart"];

/** Returns a Windows node with about 20 KB of what kubelet, AKS and CSI drivers write into it, as JSON. */
export function kubeletNode(index: number): KubeObject {
  const node = windowsNode(index);
  const { name, labels } = node.metadata;
  const status: { conditions: object[] } = Object(node["status"]);
  const [condition] = status.conditions;
  const sizes = Object.fromEntries(SIZES.map((size, place) => [size, `${4 << place}`]));
  return {
    ...node,
    metadata: { name, labels: { ...labels, ...filler("label", 15, 12) }, annotations: filler("annotation", 10, 60) },
    status: {
      ...status,
      capacity: sizes,
      allocatable: sizes,
      conditions: [...CONDITIONS.map((type) => ({ ...condition, type })), ...status.conditions],
      images: Array.from({ length: IMAGES }, (_, each) => imageOf(each)),
      nodeInfo: {
        architecture: "amd64",
        bootID: `${index}`,
        containerRuntimeVersion: "containerd://1.7.20",
        kernelVersion: "10.0.20348.3000",
        kubeProxyVersion: "v1.35.4",
        kubeletVersion: "v1.35.4",
        machineID: name,
        operatingSystem: "windows",
        osImage: "Windows Server 2022 Datacenter",
        systemUUID: name,
      },
    },
  };
}

/** An image has its name with the digest, and with the tag. */
function imageOf(index: number): object {
  const repository = `registry.example/oss/windows/components/image-${index}-servercore-ltsc2022`;
  const digest = `${index}`.padStart(64, "0123456789abcdef");
  return { names: [`${repository}@sha256:${digest}`, `${repository}:v1.${index}.0`], sizeBytes: 1_000_000_000 + index };
}

function filler(kind: string, count: number, length: number): Readonly<Record<string, string>> {
  const entries = Array.from({ length: count }, (_, index) => [
    `bench.example/some-longer-${kind}-${index}`,
    "x".repeat(length),
  ]);
  return Object.fromEntries(entries);
}
