import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parsePublished } from "../../dsc/package.ts";
import { parseManifest } from "../../shared/model/package.ts";
import { seed } from "../seed.ts";

const HASH = "a".repeat(64);
const MANIFEST = { schema: 1, package: HASH, exporterVersion: "0.31.8", arguments: { Port: 9182 } };
const PUBLISHED = { ...MANIFEST, deployable: true, publishedAt: "2026-11-22T12:00:00Z", previous: ["b".repeat(64)] };
const withArguments = (args: unknown): string => JSON.stringify({ ...MANIFEST, arguments: args });

test("a manifest is a package of any arguments that are plain values", () => {
  const args = '{"Port":9182,"FirewallRule":true,"constructor":"x","__proto__":1}';
  const parsed = parseManifest(JSON.stringify(MANIFEST).replace('{"Port":9182}', args));
  expect(parsed).toMatchObject({ hash: HASH, exporterVersion: "0.31.8" });
  expect(JSON.stringify(parsed.arguments)).toBe(args);
});

test("an error lists every invalid field, what was found and what was expected", () => {
  const wrong = { schema: "1", package: HASH.toUpperCase(), arguments: { a: null, b: [1], constructor: {} } };
  expect(() => parseManifest(JSON.stringify(wrong))).toThrow(
    new TypeError(
      `current.json: schema: found "1", expected 1; package: found "${"A".repeat(59)}…, expected 64 lower-case hex ` +
        "digits; exporterVersion: missing, expected a text; arguments.a: found null, expected a text, a number, true " +
        "or false; arguments.b: found [1], expected a text, a number, true or false; arguments.constructor: found {}, " +
        "expected a text, a number, true or false",
    ),
  );
});

test.each(["Package", "package", "PACKAGE", "Marker", "marker", "mARKER"])("the argument %s is refused", (name) => {
  expect(() => parseManifest(withArguments({ Port: 9182, [name]: "x" }))).toThrow(
    `current.json: arguments.${name}: found "x", expected no argument of this name, because the app sets it`,
  );
});

test.each([{ args: [] }, { args: ["x"] }, { args: "x" }, { args: null }])("$args are no arguments", ({ args }) => {
  expect(() => parseManifest(withArguments(args))).toThrow(/arguments: found .*, expected an object$/);
});

test("a number without a value in JSON is refused", () => {
  expect(() => parseManifest(withArguments({ Port: 1 }).replace(":1}", ":1e999}"))).toThrow(/arguments\.Port: found/);
});

test("a later schema is refused with nothing but the remedy, whatever its other fields are", () => {
  expect(() => parseManifest('{"schema":2,"package":7}')).toThrow(
    new TypeError(
      "current.json: found schema 2, and this version of the app reads schema 1: the app is older than the package. " +
        "Upgrade the app.",
    ),
  );
});

describe("the publisher", () => {
  test("reads what the app ignores", () => {
    const { schema: _schema, ...fields } = PUBLISHED;
    expect(parsePublished(JSON.stringify(PUBLISHED))).toEqual(fields);
  });

  test.each([
    { change: { deployable: "yes" }, says: 'deployable: found "yes", expected true or false' },
    { change: { publishedAt: "soon" }, says: 'publishedAt: found "soon", expected a time' },
    { change: { previous: { 0: HASH } }, says: "previous: found" },
    { change: { previous: [1] }, says: "previous.0: found 1, expected 64 lower-case hex digits" },
    { change: { previous: [HASH] }, says: "expected no package twice, nor the current one" },
  ])("refuses $change", ({ change, says }) => {
    expect(() => parsePublished(JSON.stringify({ ...PUBLISHED, ...change }))).toThrow(says);
  });
});

test("any text is refused with a message that begins with the name of the file", () => {
  const fields = { schema: fc.jsonValue(), package: fc.jsonValue(), arguments: fc.jsonValue() };
  const texts = fc.oneof(
    fc.string(),
    fc.json(),
    fc.record(fields).map((value) => JSON.stringify(value)),
  );
  fc.assert(
    fc.property(texts, (text) => {
      expect(() => parseManifest(text)).toThrow(/^current\.json: /);
    }),
    { seed },
  );
});
