import { byText } from "../shared/model/order.ts";
import type { ConfigurationArguments } from "../shared/model/package.ts";
import { BOOLEAN, type ExpectedKeys, findKeyFaults, isOneOf, SHA256 } from "./expected-keys.ts";
import { isVersion } from "./version.ts";

/** Ports of kube-proxy and the kubelet. */
const AKS_PORTS: readonly unknown[] = [10_249, 10_250, 10_255, 10_256];
/**
 * The dynamic range of a node begins above, at 16385 (AgentBaker's configfunc.ps1; later releases: 33000): any connection
 * takes a port in it. It also contains the NodePorts and the ports of AKS's own exporter (19182; 19100).
 */
const isFixedPort = isFromTo(1, 16_384);

/** Arguments of the configuration that a release may set, with the same bounds as in the configuration. */
const FREE: ExpectedKeys = {
  Port: {
    expected:
      `a whole number from 1 to 16384, but none of AKS (${AKS_PORTS.join(", ")}): above are the NodePorts, AKS's own ` +
      "exporter, and the ports that a Windows node gives to connections",
    holds: (value) => isFixedPort(value) && !AKS_PORTS.includes(value),
  },
  ConfigurationMode: isOneOf(["ApplyOnly", "ApplyAndMonitor", "ApplyAndAutoCorrect"]),
  ConfigurationModeFrequencyMins: { expected: "a whole number from 30 to 60", holds: isFromTo(30, 60) },
  FirewallRule: BOOLEAN,
  TakeOver: BOOLEAN,
};

/** Arguments that the builder adds. `Package` and `Marker`, which the app adds, are in neither list. */
const BUILT: ExpectedKeys = {
  Ensure: { expected: "Present", holds: (value) => value === "Present" },
  MsiSha256: SHA256,
  Version: { expected: "a version X.Y.Z", holds: isVersion },
};

/** Returns all arguments of the configuration except those that the app adds, sorted, so that equal arguments give equal text. */
export function completeArguments(
  free: ConfigurationArguments,
  exporter: { readonly version: string; readonly sha256: string },
): ConfigurationArguments {
  const all = { ...free, Ensure: "Present", MsiSha256: exporter.sha256, Version: exporter.version };
  return Object.fromEntries(Object.entries(all).toSorted(byText(([key]) => key)));
}

/** Returns the faults of the arguments in a release. */
export function findFreeFaults(args: Readonly<Record<string, unknown>>): readonly string[] {
  return findKeyFaults(args, FREE, "arguments.", "optional");
}

/** Returns the faults of the arguments of a package. */
export function findArgumentFaults(args: ConfigurationArguments): readonly string[] {
  const isBuilt = ([name]: readonly [string, unknown]): boolean => Object.hasOwn(BUILT, name);
  const { true: built = [], false: free = [] } = Object.groupBy(Object.entries(args), (entry) => `${isBuilt(entry)}`);
  return [
    ...findKeyFaults(Object.fromEntries(built), BUILT, "arguments."),
    ...findFreeFaults(Object.fromEntries(free)),
  ];
}

function isFromTo(least: number, most: number): (value: unknown) => boolean {
  return (value) => typeof value === "number" && Number.isInteger(value) && value >= least && value <= most;
}
