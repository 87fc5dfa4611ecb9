import { describe, expect, test } from "vitest";
import { evaluateTemplate } from "./template-expression.ts";

const functions = {
  join: (...args: readonly unknown[]) => args.join("+"),
  thing: () => ({ name: "n", inner: { list: ["a", "b"] } }),
};

describe("the value of a string of a template", () => {
  test.each([
    { text: "plain", value: "plain" },
    { text: "[join('a'", value: "[join('a'" },
    { text: "", value: "" },
    { text: "[[escaped]", value: "[escaped]" },
    { text: "[join('a', 'b')]", value: "a+b" },
    { text: "[join()]", value: "" },
    { text: "[join('it''s', '', 12)]", value: "it's++12" },
    { text: "[join('[x](y), ''z''')]", value: "[x](y), 'z'" },
    { text: "[thing().name]", value: "n" },
    { text: "[thing().inner.list[1]]", value: "b" },
    { text: "[ join( thing().name , join('b','c') ) ]", value: "n+b+c" },
    { text: "['only a text']", value: "only a text" },
  ])("$text is $value", ({ text, value }) => {
    expect(evaluateTemplate(text, functions)).toBe(value);
  });

  test.each([
    { text: "[other('a')]", error: "the unknown function 'other'" },
    { text: "[thing().missing]", error: "no member 'missing'" },
    { text: "[thing().name.inner]", error: "no member 'inner'" },
    { text: "[join('a' 'b')]", error: "'b' where ')' is expected" },
    { text: "[join('a']", error: "'the end' where ')' is expected" },
    { text: "[join('a') more]", error: "'more' after the end" },
    { text: "[join(=)]", error: "something that no expression has" },
    { text: "[]", error: "where a value is expected" },
  ])("$text is rejected: $error", ({ text, error }) => {
    expect(() => evaluateTemplate(text, functions)).toThrow(error);
  });
});
