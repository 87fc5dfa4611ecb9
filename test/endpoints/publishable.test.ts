import { expect, test } from "vitest";
import { checkAddress, isPublishable } from "../../shared/endpoints/publishable.ts";

test.each([
  { text: "10.240.0.5", expected: "10.240.0.5" },
  { text: "010.240.000.05", expected: "10.240.0.5" },
  { text: "0.0.0.1", expected: "0.0.0.1" },
  { text: "240.0.0.1", expected: "240.0.0.1" },
  { text: "168.254.3.4", expected: "168.254.3.4" },
  { text: "fd00::1", expected: "fd00::1" },
  { text: "FD00:0:0:0::1", expected: "fd00::1" },
  { text: "2001:db8:0:0:1:0:0:1", expected: "2001:db8::1:0:0:1" },
  { text: "1::2:3:4:5:6:7", expected: "1:0:2:3:4:5:6:7" },
  { text: "fd00::10.0.0.1", expected: "fd00::a00:1" },
  { text: "::ffff:1", expected: "::ffff:1" },
  { text: "0.0.0.0", expected: "unspecified" },
  { text: "::", expected: "unspecified" },
  { text: "127.1.2.3", expected: "loopback" },
  { text: "::1", expected: "loopback" },
  { text: "169.254.3.4", expected: "link-local" },
  { text: "febf::1", expected: "link-local" },
  { text: "224.0.0.1", expected: "multicast" },
  { text: "239.1.1.1", expected: "multicast" },
  { text: "ff05::1", expected: "multicast" },
  { text: "::ffff:10.0.0.1", expected: "IPv4-mapped" },
  { text: "<nil>", expected: "not an IP address" },
  { text: "", expected: "not an IP address" },
  { text: "aks-win1-node", expected: "not an IP address" },
  { text: "10.240.0.5 ", expected: "not an IP address" },
  { text: "10.240.0", expected: "not an IP address" },
  { text: "10.240.0.256", expected: "not an IP address" },
  { text: "10.240.0.5/32", expected: "not an IP address" },
  { text: "0x0a.1.1.1", expected: "not an IP address" },
  { text: "fe80::1%eth0", expected: "not an IP address" },
  { text: "fd00::1]/", expected: "not an IP address" },
])("'$text' is $expected", ({ text, expected }) => {
  const { address, problem } = checkAddress(text);
  expect(address ?? problem).toBe(expected);
});

test.each([
  { text: "10.0.0.1", family: "IPv4", expected: true },
  { text: "10.0.0.1", family: "IPv6", expected: false },
  { text: "fd00::1", family: "IPv6", expected: true },
  { text: "FD00::1", family: "IPv6", expected: false },
  { text: "127.0.0.1", family: "IPv4", expected: false },
] as const)("'$text' can be published as $family: $expected", ({ text, family, expected }) => {
  expect(isPublishable(text, family)).toBe(expected);
});
