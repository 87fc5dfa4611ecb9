import type { EndpointsObserved } from "../../shared/model/observed.ts";
import { MINUTE } from "../build.ts";
import type { Machine, PureKube } from "./pure-kube.ts";

/**
 * Returns the endpoints that the specification allows for these machines, as lines of uid, address, port and readiness.
 * It is written from the specification, independently of the code under test.
 */
export function allowed(kube: PureKube, observed: EndpointsObserved): ReadonlySet<string> {
  const { at, slices, endpoints, service } = observed;
  const machines = kube.visible().filter(({ isUnreadable }) => !isUnreadable);
  const silent = machines.filter(({ ready }) => ready === "Unknown").length;
  const isIPv6 = service?.primaryFamily === "IPv6";
  const provenAt = (name: string): number => observed.exporters?.nodes.get(name)?.succeededAt ?? -1;
  const liveReady = new Set(
    [...slices.flatMap((each) => each.endpoints ?? []), ...(endpoints?.endpoints ?? [])].flatMap((each) =>
      each.ready ? [`${each.uid}:${each.port}`] : [],
    ),
  );

  function isRemoved({ isDeleting, ready, readySince, isListed, isRunning }: Machine): boolean {
    const isNotRunning = !isListed || !isRunning;
    const isSilent = ready === "Unknown" && readySince + 10 * MINUTE <= at && silent <= machines.length / 2;
    const isListedSince = observed.exporters !== undefined && observed.exporters.listedAt > readySince;
    return isDeleting || (isSilent && isListedSince && isNotRunning);
  }

  function sourceOf(pool: string): string {
    const { pools, sources } = kube.desired.selection;
    return pools && !pools.has(pool) ? "off" : (sources.get(pool) ?? "managed");
  }

  function lines(machine: Machine): readonly { address: string; machine: Machine; line: string }[] {
    const { pool, addresses, uid, name, createdAt } = machine;
    const source = sourceOf(pool);
    if (isRemoved(machine) || source === "off") return [];
    const port = source === "native" ? 19182 : 9182;
    const ready = source !== "managed" || provenAt(name) > createdAt || liveReady.has(`${uid}:${port}`);
    const address = addresses.find((each) => each.startsWith("fd") === isIPv6);
    return address === undefined ? [] : [{ address, machine, line: `${uid} ${address}:${port} ${ready}` }];
  }

  const byAddress = Map.groupBy(machines.flatMap(lines), ({ address }) => address);
  const winners = [...byAddress.values()].map((claimants) => {
    const isReady = claimants.some(({ machine }) => machine.ready === "True");
    const eligible = claimants.filter(({ machine }) => !isReady || machine.ready === "True");
    const newest = Math.max(...eligible.map(({ machine }) => machine.createdAt));
    const candidates = eligible.filter(({ machine }) => machine.createdAt === newest);
    return candidates.toSorted((a, b) => (a.machine.name < b.machine.name ? -1 : 1))[0]?.line ?? "";
  });
  return new Set([...winners, ...keptLines(kube, observed, { winners, liveReady })]);
}

const addressIn = (line: string): string => line.split(" ")[1]?.replace(/:\d+$/, "") ?? "";

/** Returns the lines of machines whose Node object cannot be read: what is published of them stays. */
function keptLines(
  kube: PureKube,
  { slices, endpoints, service }: EndpointsObserved,
  { winners, liveReady }: { readonly winners: readonly string[]; readonly liveReady: ReadonlySet<string> },
): readonly string[] {
  const { pools, sources } = kube.desired.selection;
  const taken = new Set(winners.map(addressIn));
  const own = [...slices.toSorted((a, b) => (a.name < b.name ? -1 : 1)), endpoints].filter(
    (each) => each?.owner === kube.desired.owner,
  );
  const unreadable = kube.visible().filter(({ isUnreadable }) => isUnreadable);
  return unreadable
    .toSorted((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap(({ name, pool }) => {
      if ((pools && !pools.has(pool)) || sources.get(pool) === "off") return [];
      const live = own.flatMap((each) => each?.endpoints ?? []).filter((each) => each.node === name);
      const isIPv6 = service?.primaryFamily === "IPv6";
      const found = live.find(({ address }) => address.startsWith("fd") === isIPv6 && !taken.has(address));
      if (!found) return [];
      taken.add(found.address);
      const { uid, address, port, ready } = found;
      return [`${uid} ${address}:${port} ${ready || liveReady.has(`${uid}:${port}`)}`];
    });
}
