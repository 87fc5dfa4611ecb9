import type { EndpointsObserved } from "../model/observed.ts";

/** Describes what a pass observed, one line per item. */
export function summarize({ service, nodes, unreadable, endpoints, slices }: EndpointsObserved): readonly string[] {
  const published = [...slices, endpoints].map((each) => each?.endpoints ?? []);
  const addresses = new Set(published.flat().map(({ address, port }) => `${address}:${port}`));
  return [
    service ? `the Service exists, its primary IP family is ${service.primaryFamily}` : "the Service does not exist",
    `${nodes.length + unreadable.length} Windows nodes`,
    `${slices.length} EndpointSlices, ${endpoints ? "an" : "no"} Endpoints object, ${addresses.size} published addresses`,
    ...[...addresses].toSorted(),
  ];
}
