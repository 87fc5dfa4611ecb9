import { isIP } from "node:net";
import type { KubeObject } from "../../contracts/cluster-admin.ts";

/** A validation error of a field. */
type Cause = Readonly<Record<"field" | "reason" | "message", string>>;
type Addresses = readonly { readonly ip: string }[];
/** The lists of an applied Endpoints object or EndpointSlice. */
interface Lists {
  readonly subsets?: readonly { readonly addresses?: Addresses; readonly notReadyAddresses?: Addresses }[];
  readonly addressType?: string;
  readonly endpoints?: readonly { readonly addresses?: readonly string[] }[];
}

const FORBIDDEN = [
  { ips: /^(0\.0\.0\.0|::)$/, what: (ip: string) => `be unspecified (${ip})` },
  { ips: /^(127\.|::1$)/, what: () => "be in the loopback range (127.0.0.0/8, ::1/128)" },
  { ips: /^(169\.254\.|fe[89ab].:)/, what: () => "be in the link-local range (169.254.0.0/16, fe80::/10)" },
  { ips: /^(224\.0\.0\.|ff02:)/, what: () => "be in the link-local multicast range (224.0.0.0/24, ff02::/10)" },
];
const NO_IP = "must be a valid IP address";

const cause = (reason: string, field: string, message: string): Cause => ({ reason, field, message });
const required = (field: string, why: string): Cause => cause("FieldValueRequired", field, `Required value${why}`);
const invalid = (field: string, value: string, why: string): Cause =>
  cause("FieldValueInvalid", field, `Invalid value: "${value}": ${why}`);

/** An error response of the API server, with the real server's message. */
export class Refusal extends Error {
  readonly status: number;
  readonly body: object;

  constructor(code: number, reason: string, message: string, details: object = {}) {
    super(message);
    this.status = code;
    this.body = { kind: "Status", apiVersion: "v1", metadata: {}, status: "Failure", message, reason, details, code };
  }
}

/** Throws if the object has a field that is not in the schema of its kind: v1 Endpoints have no zone. */
export function validateSchema({ kind, subsets = [] }: KubeObject): void {
  if (kind !== "Endpoints" || !JSON.stringify(subsets).includes('"zone":')) return;
  const message = "failed to create typed patch object: .subsets[0].addresses[0].zone: field not declared in schema";
  throw new Refusal(500, "", message);
}

/** Throws the API server's validation errors for a new object, or for an update of `before`. */
export function validate(object: KubeObject, before: KubeObject | undefined): void {
  const { kind, metadata } = object;
  const { subsets = [], ...slice } = object as Lists;
  const causes = subsets.flatMap((subset, index) => {
    const all = [...(subset.addresses ?? []), ...(subset.notReadyAddresses ?? [])];
    if (all.length === 0) return [required(`subsets[${index}]`, ": must specify `addresses` or `notReadyAddresses`")];
    const { addresses = [], notReadyAddresses = [] } = subset;
    return Object.entries({ addresses, notReadyAddresses }).flatMap(([list, those]) =>
      those.flatMap(({ ip }, at) => validateSubsetIp(ip, `subsets[${index}].${list}[${at}].ip`)),
    );
  });
  if (kind === "EndpointSlice") causes.push(...validateSlice(slice, before as Lists | undefined));
  if (metadata.ownerReferences?.some(({ uid }) => !uid)) {
    causes.push(invalid("metadata.ownerReferences.uid", "", "must not be empty"));
  }
  if (causes.length === 0) return;
  const all = causes.map(({ field, message }) => `${field}: ${message}`).join(", ");
  const text = causes.length === 1 ? all : `[${all}]`;
  const qualified = kind === "EndpointSlice" ? "EndpointSlice.discovery.k8s.io" : kind;
  throw new Refusal(422, "Invalid", `${qualified} "${metadata.name}" is invalid: ${text}`, { causes });
}

function validateSlice({ addressType, endpoints = [] }: Lists, before: Lists | undefined): readonly Cause[] {
  if (addressType === undefined) return [required("addressType", "")];
  if (before && before.addressType !== addressType) return [invalid("addressType", addressType, "field is immutable")];
  if (endpoints.length > 1000) {
    return [cause("FieldValueTooMany", "endpoints", `Too many: ${endpoints.length}: must have at most 1000 items`)];
  }
  return endpoints.flatMap(({ addresses = [] }, index) => {
    const field = `endpoints[${index}].addresses`;
    if (addresses.length === 0) return [required(field, ": must contain at least 1 address")];
    return addresses.flatMap((ip, at) => validateSliceIp(ip, `${field}[${at}]`, addressType));
  });
}

function validateSliceIp(ip: string, field: string, addressType: string): readonly Cause[] {
  const version = versionOf(ip);
  if (version && `IPv${version}` !== addressType) return [invalid(field, ip, `must be an ${addressType} address`)];
  const canonical = version === 6 ? new URL(`http://[${ip}]`).hostname.slice(1, -1) : ip;
  if (/^::ffff:\w+:\w+$/.test(canonical)) return [invalid(field, ip, "must not be an IPv4-mapped IPv6 address")];
  if (canonical !== ip) return [invalid(field, ip, `must be in canonical form ("${canonical}")`)];
  return validateIp(ip, field);
}

/** The real server says of v1 Endpoints twice what is no IP address. */
function validateSubsetIp(ip: string, field: string): readonly Cause[] {
  return versionOf(ip) ? validateIp(ip, field) : [...validateIp(ip, field), invalid(field, ip, NO_IP)];
}

/** Returns 4 or 6, or 0 if it is no IP address; a zone index makes it none. */
const versionOf = (ip: string): number => (ip.includes("%") ? 0 : isIP(decimal(ip)));

/** Like the real server, reads the parts of an IPv4 address as decimal, with any number of leading zeros. */
const decimal = (ip: string): string => ip.replaceAll(/(?<![^.])0+(?=\d)/g, "");

function validateIp(ip: string, field: string): readonly Cause[] {
  if (!versionOf(ip)) return [invalid(field, ip, `${NO_IP}, (e.g. 10.9.8.7 or 2001:db8::ffff)`)];
  const found = FORBIDDEN.find(({ ips }) => ips.test(decimal(ip)));
  return found ? [invalid(field, ip, `may not ${found.what(ip)}`)] : [];
}
