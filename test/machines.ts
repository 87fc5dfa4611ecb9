import { isRecord } from "./simulators/arm/http.ts";
import type { ArmWorld, InstanceExtension } from "./simulators/arm/world.ts";
import type { Machine } from "./simulators/fleet.ts";

/**
 * Returns a function that returns the running machines. Those with a successful DSC extension have windows_exporter, of
 * the version in its arguments, with the metric that its package writes.
 */
export function createMachines({ scaleSets }: ArmWorld): () => readonly Machine[] {
  // After a failed run, the arguments are those of the other package.
  const versions = new Map<string, string>();
  return () =>
    scaleSets.flatMap(({ instances }) =>
      instances.flatMap(({ power, ip: address, extensions, upAt }): Machine[] => {
        if (power !== "running") return [];
        const extension = extensions.find(({ installed }) => installed);
        if (extension?.installed === undefined) return [{ address, hasExporter: false }];
        const { installed } = extension;
        const { Package: ran, Version: named } = argumentsOf(extension);
        if (ran === installed && typeof named === "string") versions.set(installed, named);
        const version = versions.get(installed) ?? "";
        const textfile = `aks_windows_metrics_package_info{version="${version}",package="${installed}"} 1\n`;
        return [
          {
            address,
            hasExporter: true,
            exporter: { version, ...(upAt > 0 && { bootSeconds: upAt / 1000 }), textfile },
          },
        ];
      }),
    );
}

function argumentsOf({ ran: { settings } }: InstanceExtension): Readonly<Record<string, unknown>> {
  const found = isRecord(settings) ? settings["configurationArguments"] : undefined;
  return isRecord(found) ? found : {};
}
