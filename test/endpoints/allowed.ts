import type { EndpointsObserved } from "../../shared/model/observed.ts";
import { MINUTE } from "../build.ts";
import type { Machine, PureKube } from "./pure-kube.ts";

/** What the design's "Published set" and "Ready as published" say of these machines, read from there and not from the code. */
export function allowed(kube: PureKube, observed: EndpointsObserved): ReadonlySet<string> {
  const { at, slices, endpoints, service } = observed;
  const machines = kube.visible();
  const silentOnes = machines.filter(({ ready }) => ready === "Unknown").length;
  const isIPv6 = service?.primaryFamily === "IPv6";
  const provedAt = (name: string): number => observed.exporters?.nodes[name]?.succeededAt ?? -1;
  const saidReady = new Set(
    [...slices.flatMap((each) => each.endpoints ?? []), ...(endpoints?.endpoints ?? [])].flatMap((each) =>
      each.ready ? [`${each.uid}:${each.port}`] : [],
    ),
  );

  function goes({ isDeleting, ready, readySince, isListed, isRunning }: Machine): boolean {
    const isMissed = !isListed || !isRunning;
    const isSilent = ready === "Unknown" && readySince + 10 * MINUTE <= at && silentOnes <= machines.length / 2;
    const isKnown = observed.exporters !== undefined && observed.exporters.listedAt > readySince;
    return isDeleting || (isSilent && isKnown && isMissed);
  }

  function sourceOf(pool: string): string {
    const { pools, sources } = kube.desired.selection;
    return pools && !pools.has(pool) ? "off" : (sources.get(pool) ?? "managed");
  }

  function lines(machine: Machine): readonly { address: string; machine: Machine; line: string }[] {
    const { pool, addresses, uid, name, createdAt } = machine;
    const source = sourceOf(pool);
    if (goes(machine) || source === "off") return [];
    const port = source === "native" ? 19182 : 9182;
    const ready = source !== "managed" || provedAt(name) > createdAt || saidReady.has(`${uid}:${port}`);
    const address = addresses.find((each) => each.startsWith("fd") === isIPv6);
    return address === undefined ? [] : [{ address, machine, line: `${uid} ${address}:${port} ${ready}` }];
  }

  const byAddress = Map.groupBy(machines.flatMap(lines), ({ address }) => address);
  const winners = [...byAddress.values()].map((rivals) => {
    const isReady = rivals.some(({ machine }) => machine.ready === "True");
    const able = rivals.filter(({ machine }) => !isReady || machine.ready === "True");
    const newest = Math.max(...able.map(({ machine }) => machine.createdAt));
    const last = able.filter(({ machine }) => machine.createdAt === newest);
    return last.toSorted((a, b) => (a.machine.name < b.machine.name ? -1 : 1))[0]?.line ?? "";
  });
  return new Set(winners);
}
