import { BY_HEIGHT } from "../look.ts";
import { lines } from "../panels.ts";
import { COMMIT_OF_LIMIT, maxBy, NICS, NODE, of, rate, recorded, sumBy, THIRD } from "./queries.ts";

const bits = (direction: "received" | "sent"): string =>
  `8 * ${sumBy(rate(`windows_net_bytes_${direction}_total`, NICS))}`;
const packets = (kind: "errors" | "discarded"): string =>
  sumBy(
    `${rate(`windows_net_packets_received_${kind}_total`, NICS)} + ${rate(`windows_net_packets_outbound_${kind}_total`, NICS)}`,
    "nic",
  );

export const NETWORK = [
  lines({
    ...THIRD,
    title: "Network",
    description: "Traffic of the network interfaces, without the virtual ones, which count the same bytes again.",
    unit: "bps",
    series: { [`received ${NODE}`]: bits("received"), [`sent ${NODE}`]: bits("sent") },
  }),
  lines({
    ...THIRD,
    title: "Packets with errors, and discarded",
    description: "By network interface, received and sent.",
    unit: "pps",
    series: { [`errors {{nic}} ${NODE}`]: packets("errors"), [`discarded {{nic}} ${NODE}`]: packets("discarded") },
  }),
  lines({
    ...THIRD,
    title: "TCP retransmitted",
    description: "Share of the TCP segments that are sent again, of nodes that send more than 50 a second.",
    unit: "percentunit",
    color: BY_HEIGHT,
    series: { [NODE]: maxBy(recorded("node:windows_tcp_retransmitted:ratio_rate5m")) },
  }),
];

export const CONTAINERS = [
  lines({
    ...THIRD,
    title: "Container CPU",
    description: "Cores that each container uses.",
    unit: "short",
    series: {
      [`{{namespace}}/{{pod}}/{{container}} ${NODE}`]: sumBy(
        rate("windows_container_cpu_usage_seconds_total"),
        "namespace",
        "pod",
        "container",
      ),
    },
  }),
  lines({
    ...THIRD,
    title: "Container commit of its limit",
    description:
      "Limits of Windows containers apply to committed memory, not to the working set. Allocations fail at 100 %. Containers without a limit are not here.",
    unit: "percentunit",
    max: 1,
    color: BY_HEIGHT,
    series: { "{{cluster}} {{namespace}}/{{pod}}/{{container}}": COMMIT_OF_LIMIT },
  }),
  lines({
    ...THIRD,
    title: "Pod network",
    description: "Bytes that each pod receives and sends. Containers of a pod share its endpoint, which counts once.",
    unit: "Bps",
    series: {
      [`received {{namespace}}/{{pod}} ${NODE}`]: maxBy(
        recorded("namespace_pod:windows_container_network_receive_bytes:rate5m"),
        "namespace",
        "pod",
      ),
      [`sent {{namespace}}/{{pod}} ${NODE}`]: maxBy(
        recorded("namespace_pod:windows_container_network_transmit_bytes:rate5m"),
        "namespace",
        "pod",
      ),
    },
  }),
];

export const EXPORTER = [
  lines({
    title: "Duration of the exporter's collectors",
    description: "How long each collector takes at a scrape. A collector that times out has no metrics.",
    span: 24,
    height: 8,
    unit: "s",
    series: {
      [`{{collector}} ${NODE}`]: maxBy(of("windows_exporter_collector_duration_seconds"), "collector"),
    },
  }),
];
