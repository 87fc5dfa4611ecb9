import { expect, test } from "vitest";
import { checkAddress } from "../../shared/endpoints/publishable.ts";
import { ENDPOINTS, type InCluster, sliceNamed } from "./kube-fixture.ts";

const NO_IP = "must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)";
const LOOPBACK = "may not be in the loopback range (127.0.0.0/8, ::1/128)";
const LINK_LOCAL = "may not be in the link-local range (169.254.0.0/16, fe80::/10)";
const MULTICAST = "may not be in the link-local multicast range (224.0.0.0/24, ff02::/10)";
const MAPPED = "must not be an IPv4-mapped IPv6 address";

/** What the API server says of an address in a slice; undefined if it takes it. In v1 Endpoints it takes more. */
const ADDRESSES: readonly { readonly ip: string; readonly slice?: string; readonly isInEndpoints?: true }[] = [
  ...["<nil>", "", "aks-win1-node", "10.240.0.5 ", "10.240.0", "10.0.0.1/32", "fd00::1%eth0"].map((ip) => {
    return { ip, slice: NO_IP };
  }),
  { ip: "0.0.0.0", slice: "may not be unspecified (0.0.0.0)" },
  { ip: "::", slice: "may not be unspecified (::)" },
  { ip: "127.1.2.3", slice: LOOPBACK },
  { ip: "::1", slice: LOOPBACK },
  { ip: "169.254.3.4", slice: LINK_LOCAL },
  { ip: "fe80::1", slice: LINK_LOCAL },
  { ip: "224.0.0.1", slice: MULTICAST },
  { ip: "ff02::1", slice: MULTICAST },
  { ip: "::ffff:10.0.0.1", slice: MAPPED, isInEndpoints: true },
  { ip: "::ffff:a00:1", slice: MAPPED, isInEndpoints: true },
  { ip: "FD00:0::1", slice: 'must be in canonical form ("fd00::1")', isInEndpoints: true },
  { ip: "fd00::10.0.0.1", slice: 'must be in canonical form ("fd00::a00:1")', isInEndpoints: true },
  ...["10.240.0.5", "010.240.00.5", "240.0.0.1", "0.0.0.1", "239.1.1.1", "ff05::1", "fd00:0:0:1::"].map((ip) => {
    return { ip, isInEndpoints: true } as const;
  }),
  ...["fd00::1", "2001:db8::1:0:0:1", "::a00:1"].map((ip) => ({ ip, isInEndpoints: true }) as const),
];

const PORTS = [{ name: "metrics", port: 9182, protocol: "TCP" }];

/** Tests which addresses the API server takes, in both kinds of object. */
export function describeAddresses(inCluster: InCluster): void {
  const applySlice = async (ip: string, addressType: string): Promise<unknown> => {
    const slice = sliceNamed("by-hand", "web");
    return inCluster().admin.apply({ ...slice, addressType, endpoints: [{ addresses: [ip] }], ports: PORTS });
  };
  const applyEndpoints = async (ips: readonly string[]): Promise<unknown> =>
    inCluster().admin.apply({ ...ENDPOINTS, subsets: [{ addresses: ips.map((ip) => ({ ip })), ports: PORTS }] });

  test.each(ADDRESSES)("$ip: $slice", async ({ ip, slice, isInEndpoints = false }) => {
    await inCluster().admin.delete("EndpointSlice", "by-hand");
    const inSlice = await problemOf(applySlice(ip, ip.includes(":") ? "IPv6" : "IPv4"));
    expect(inSlice).toBe(slice && `endpoints[0].addresses[0]: Invalid value: "${ip}": ${slice}`);
    const inEndpoints = await problemOf(applyEndpoints([ip]));
    const field = `subsets[0].addresses[0].ip: Invalid value: "${ip}": `;
    // The API server says of v1 Endpoints twice what is no IP address.
    const twice = `[${field}${NO_IP}, ${field}${NO_IP.split(",")[0]}]`;
    expect(inEndpoints).toBe(isInEndpoints ? undefined : slice === NO_IP ? twice : `${field}${slice}`);
  });

  test("refuses a whole object for one address, and names every one", async () => {
    const said = 'Endpoints "windows-exporter" is invalid: [subsets[0].addresses[1].ip: Invalid value: "::1": ';
    const next = `${LOOPBACK}, subsets[0].addresses[3].ip: Invalid value: "0.0.0.0": may not be unspecified`;
    await expect(applyEndpoints(["10.0.0.1", "::1", "10.0.0.2", "0.0.0.0"])).rejects.toThrow(said + next);
    await expect(inCluster().admin.get("Endpoints", "windows-exporter")).resolves.toBeUndefined();
    await expect(applySlice("fd00::1", "IPv4")).rejects.toThrow("must be an IPv4 address");
  });

  test("takes every address that the app publishes, in its canonical form", async () => {
    const refused: unknown[] = [];
    for (const { ip } of ADDRESSES) {
      const { address, family } = checkAddress(ip);
      await inCluster().admin.delete("EndpointSlice", "by-hand");
      if (address !== undefined) refused.push(await problemOf(applySlice(address, family)));
    }
    expect(refused.filter(Boolean)).toEqual([]);
  });
}

/** Returns what the API server says is invalid; undefined if it takes the object. */
async function problemOf(applying: Promise<unknown>): Promise<string | undefined> {
  try {
    await applying;
    return undefined;
  } catch (error) {
    return / is invalid: (.*)$/.exec(String(error))?.[1] ?? String(error);
  }
}
