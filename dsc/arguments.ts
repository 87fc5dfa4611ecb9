import { byText } from "../shared/model/order.ts";
import type { ConfigurationArguments } from "../shared/model/package.ts";
import { BOOLEAN, type ExpectedKeys, findKeyFaults, isOneOf, SHA256 } from "./expected-keys.ts";
import { isVersion } from "./version.ts";

/** Ports of AKS: of its own exporter (19182; 19100 in AgentBaker pull request 8516), of kube-proxy and of the kubelet. */
const AKS_PORTS: readonly unknown[] = [10_249, 10_250, 10_255, 10_256, 19_100, 19_182];
const isPort = isFromTo(1, 65_535);
/** The default range of NodePorts, in which kube-proxy takes any port for a Service. */
const isNodePort = isFromTo(30_000, 32_767);
/** The dynamic range of Windows, in which any connection takes a port. */
const isDynamic = isFromTo(49_152, 65_535);

/** Arguments of the configuration that a release may set, with the same bounds as in the configuration. */
const FREE: ExpectedKeys = {
  Port: {
    expected:
      `a whole number from 1 to 65535, but none of AKS (${AKS_PORTS.join(", ")}), of NodePorts (30000 to 32767) or of ` +
      "Windows' dynamic range (49152 to 65535)",
    holds: (value) => isPort(value) && !AKS_PORTS.includes(value) && !isNodePort(value) && !isDynamic(value),
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
