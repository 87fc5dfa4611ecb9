import { describe, expect, test } from "vitest";
import { formatTag, parseTag } from "../../../shared/clients/arm/extension-tag.ts";
import { buildExtension } from "../../../shared/extension/desired.ts";
import { desired, MARKER, NOW, OWNER, PACKAGE } from "../../build.ts";

const extension = buildExtension(PACKAGE, desired(), { extensions: [], aksFailed: false });

describe("a tag", () => {
  // Already in the models of every scale set: a later version of the app has to read and write the same.
  test.each([
    { when: "a link expires", expires: new Date(NOW), text: `v1:${MARKER}:${OWNER}:20261122T120000Z:0` },
    {
      when: "it has milliseconds",
      expires: new Date(NOW + 999),
      text: `v1:${MARKER}:${OWNER}:20261122T120000Z:0`,
    },
    { when: "there is no link", expires: undefined, text: `v1:${MARKER}:${OWNER}:none:0` },
  ])("is $text when $when, and is read back", ({ expires, text }) => {
    expect(formatTag(extension, expires)).toBe(text);
    const linkExpiresAt = expires ? NOW : "none";
    expect(parseTag(text)).toEqual({ marker: MARKER, owner: OWNER, linkExpiresAt });
  });

  test("of a later try is read as well", () => {
    const text = `v1:${MARKER}:${OWNER}:none:12`;
    expect(parseTag(text)).toEqual({ marker: MARKER, owner: OWNER, linkExpiresAt: "none" });
  });

  test.each([
    { what: "absent", text: undefined },
    { what: "empty", text: "" },
    { what: "somebody's date", text: "2026-11-22T12:00:00Z" },
    { what: "of another version", text: `v2:${MARKER}:${OWNER}:none:0` },
    { what: "with a short marker", text: `v1:${MARKER.slice(1)}:${OWNER}:none:0` },
    { what: "with a marker in capitals", text: `v1:${MARKER.toUpperCase()}:${OWNER}:none:0` },
    { what: "without an owner", text: `v1:${MARKER}::none:0` },
    { what: "with a time that is none", text: `v1:${MARKER}:${OWNER}:20261322T120000Z:0` },
    { what: "without a try", text: `v1:${MARKER}:${OWNER}:none` },
    { what: "with something after it", text: `v1:${MARKER}:${OWNER}:none:0:x` },
    { what: "with a line after it", text: `v1:${MARKER}:${OWNER}:none:0\n` },
  ])("$what tells nothing", ({ text }) => {
    expect(parseTag(text)).toBeUndefined();
  });
});
