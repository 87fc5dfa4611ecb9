import fc from "fast-check";
import type { AddressFamily } from "../../shared/model/slice.ts";

const KINDS = {
  many: ["add", "remove", "replace", "inherit", "prove", "silence", "stop"],
  some: ["twin", "mark", "unready", "wake", "unprove", "unlist", "bare", "hide", "forget", "garble", "read"],
  settings: ["lists", "pools", "source", "objects", "service", "edit"],
} as const;
export type Kind = (typeof KINDS)[keyof typeof KINDS][number];

/**
 * A change before a pass: its kind, the number of machines and the first one that it affects, whether it comes after 11
 * minutes instead of one, and whether further passes follow until the plan is at rest.
 */
export interface Event {
  readonly kind: Kind;
  readonly count: number;
  readonly from: number;
  readonly isLater: boolean;
  readonly settles: boolean;
}

const events = fc.record({
  kind: fc.oneof(...Object.values(KINDS).map((kinds) => fc.constantFrom<Kind>(...kinds))),
  count: fc.constantFrom(1, 2, 7, 40, 120, 500),
  from: fc.nat(300),
  isLater: fc.boolean(),
  settles: fc.boolean(),
});

/** Random histories of a cluster: its IP family, its initial number of nodes, and the changes to it. */
export const histories = fc.record({
  family: fc.constantFrom<AddressFamily>("IPv4", "IPv4", "IPv4", "IPv6"),
  size: fc.constantFrom(0, 1, 3, 40, 130, 260),
  events: fc.array(events, { minLength: 6, maxLength: 16 }),
});

export type History = typeof histories extends fc.Arbitrary<infer T> ? T : never;
