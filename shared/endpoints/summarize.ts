import type { EndpointsObserved } from "../model/observed.ts";

/** Describes what a pass observed, one line per thing. */
export function summarize({ service, nodes, endpoints, slices }: EndpointsObserved): readonly string[] {
  const published = [...slices, endpoints].map((each) => each?.endpoints ?? []);
  const addresses = new Set(published.flat().map(({ address, port }) => `${address}:${port}`));
  return [
    service ? `the Service is there, its family ${service.primaryFamily}` : "the Service is missing",
    `${nodes.length} Windows nodes`,
    `${slices.length} slices, ${endpoints ? "an" : "no"} Endpoints object, ${addresses.size} addresses published`,
    ...[...addresses].toSorted(),
  ];
}
