import { describe, expect, test } from "vitest";
import { formatTag, parseTag } from "../../../shared/clients/arm/extension-tag.ts";
import { buildExtension } from "../../../shared/extension/desired.ts";
import { desired, MARKER, NOW, OWNER, PACKAGE } from "../../build.ts";

const extension = buildExtension(PACKAGE, desired(), { extensions: [], isPoolFailed: false, tag: undefined });

describe("tag", () => {
  // Deployed scale sets have these tags, so later versions of the app must read and write the same format.
  test.each([
    { when: "the link expires", expires: new Date(NOW), text: `v1:${MARKER}:${OWNER}:20261122T120000Z:0` },
    {
      when: "the expiry has milliseconds",
      expires: new Date(NOW + 999),
      text: `v1:${MARKER}:${OWNER}:20261122T120000Z:0`,
    },
    { when: "there is no link", expires: undefined, text: `v1:${MARKER}:${OWNER}:none:0` },
  ])("is $text when $when, and can be parsed", ({ expires, text }) => {
    expect(formatTag(extension, expires)).toBe(text);
    const linkExpiresAt = expires ? NOW : "none";
    expect(parseTag(text)).toEqual({ marker: MARKER, owner: OWNER, linkExpiresAt, try: 0 });
  });

  test("has the number of the try", () => {
    const text = `v1:${MARKER}:${OWNER}:none:12`;
    expect(formatTag({ ...extension, try: 12 }, undefined)).toBe(text);
    expect(parseTag(text)).toEqual({ marker: MARKER, owner: OWNER, linkExpiresAt: "none", try: 12 });
  });

  test.each([
    { what: "absent", text: undefined },
    { what: "an empty tag", text: "" },
    { what: "a date", text: "2026-11-22T12:00:00Z" },
    { what: "a tag of another version", text: `v2:${MARKER}:${OWNER}:none:0` },
    { what: "a short marker", text: `v1:${MARKER.slice(1)}:${OWNER}:none:0` },
    { what: "a marker in upper case", text: `v1:${MARKER.toUpperCase()}:${OWNER}:none:0` },
    { what: "a missing owner", text: `v1:${MARKER}::none:0` },
    { what: "an invalid time", text: `v1:${MARKER}:${OWNER}:20261322T120000Z:0` },
    { what: "a missing number of tries", text: `v1:${MARKER}:${OWNER}:none` },
    { what: "a number of tries without a bound", text: `v1:${MARKER}:${OWNER}:none:${"9".repeat(10)}` },
    { what: "an additional field", text: `v1:${MARKER}:${OWNER}:none:0:x` },
    { what: "an additional line", text: `v1:${MARKER}:${OWNER}:none:0\n` },
  ])("returns undefined for $what", ({ text }) => {
    expect(parseTag(text)).toBeUndefined();
  });
});
