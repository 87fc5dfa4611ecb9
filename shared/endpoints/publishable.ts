import type { AddressFamily } from "../model/slice.ts";

/** An address in the form in which an endpoint can have it, or why no endpoint can have it. */
export type CheckedAddress =
  | { readonly address: string; readonly family: AddressFamily; readonly problem?: never }
  | { readonly address?: never; readonly family?: never; readonly problem: string };

const IPV4 = /^(?:(?:25[0-5]|2[0-4]\d|1?\d?\d)(?:\.(?!$)|$)){4}$/;

/**
 * Canonical addresses that the API server refuses in endpoints. Of multicast addresses it refuses only the link-local
 * ones, but no node can have any of them.
 */
const REFUSED: readonly (readonly [problem: string, addresses: RegExp])[] = [
  ["unspecified", /^(?:0\.0\.0\.0|::)$/],
  ["loopback", /^(?:127\.|::1$)/],
  ["link-local", /^(?:169\.254\.|fe[89ab][\da-f]:)/],
  ["multicast", /^(?:2(?:2[4-9]|3\d)\.|ff[\da-f]{2}:)/],
  ["IPv4-mapped", /^::ffff:[\da-f]+:[\da-f]+$/],
];

/**
 * Returns an address in canonical form: IPv6 as RFC 5952 writes it, which EndpointSlices require, and IPv4 without
 * leading zeros. Kubernetes accepts those and reads them as decimal, but as a target it would be a second one.
 */
export function checkAddress(text: string): CheckedAddress {
  const canonical = toCanonical(text);
  if (!canonical) return { problem: "not an IP address" };
  const [problem] = REFUSED.find(([, addresses]) => addresses.test(canonical.address)) ?? [];
  return problem === undefined ? canonical : { problem };
}

/** Returns whether an address is of a family and in the form in which an endpoint can have it. */
export function isPublishable(text: string, family: AddressFamily): boolean {
  const checked = checkAddress(text);
  return checked.address === text && checked.family === family;
}

function toCanonical(text: string): { readonly address: string; readonly family: AddressFamily } | undefined {
  const decimal = text.replaceAll(/\b0+(?=\d)/g, "");
  if (IPV4.test(decimal)) return { address: decimal, family: "IPv4" };
  // The URL standard writes IPv6 addresses as RFC 5952 does, and has none with a zone index.
  const url = /^[\da-f:.]*:[\da-f:.]*$/i.test(text) ? URL.parse(`http://[${text}]`) : null;
  return url ? { address: url.hostname.slice(1, -1), family: "IPv6" } : undefined;
}
