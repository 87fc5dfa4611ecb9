import { type Rule, type RuleFile, rules } from "./rule-files.ts";

/** A rule with one changed number. */
export interface Mutant {
  readonly name: string;
  readonly rule: Rule;
}

const COMPARISON = /([<>]|==) (\d[\d.]*)/g;
/** The window of a rate is no threshold: the rate of a steady counter is the same in each. */
const DURATION = /(\[|offset )(\d+)([mh])(?!\w)(?<!\[5m)/g;
const SECONDS = /(\], )(\d+)(?=\))/g;

/** Returns a rule with another `for`, and with another number in each comparison, window and offset. */
export function mutantsOf(rule: Rule): readonly Mutant[] {
  return [
    ...otherFors(rule).map((minutes) => ({ name: `for: ${minutes}m`, rule: { ...rule, for: `${minutes}m` } })),
    ...mutate(rule, COMPARISON, ([, operator, value]) =>
      otherValues(Number(value)).map((other) => `${operator} ${other}`),
    ),
    ...mutate(rule, DURATION, ([, before, value, unit]) => [
      `${before}${inMinutes(value, unit) / 2}m`,
      `${before}${inMinutes(value, unit) * 2}m`,
    ]),
    ...mutate(rule, SECONDS, ([, before, value]) => otherValues(Number(value)).map((other) => `${before}${other}`)),
  ];
}

/** Returns rule files with the recordings and one alert, in which a mutant replaces the rule of its name. */
export function filesWith(mutant: Rule, alert: string): readonly RuleFile[] {
  const replaced = (each: Rule): Rule => (each.alert === mutant.alert && each.record === mutant.record ? mutant : each);
  const records = rules.filter(({ record }) => record !== undefined).map(replaced);
  const tested = rules.filter((each) => each.alert === alert).map(replaced);
  return [
    { name: "records.yaml", groups: [{ name: "test.records", rules: records }] },
    { name: "alert.yaml", groups: [{ name: "test.alert", rules: tested }] },
  ];
}

function otherFors(rule: Rule): readonly number[] {
  if (rule.alert === undefined) return [];
  const [, value = "0", unit = "m"] = /^(\d+)([mh])$/.exec(rule.for ?? "0m") ?? [];
  return [inMinutes(value, unit) - 1, inMinutes(value, unit) + 1].filter((each) => each >= 0);
}

const inMinutes = (value = "", unit = ""): number => Number(value) * (unit === "h" ? 60 : 1);

/** The next smaller and larger integer; of shares and large numbers, a tenth less and more. */
function otherValues(value: number): readonly number[] {
  const isCount = Number.isInteger(value * 2) && value < 100;
  return isCount ? [value - 1, value + 1] : [value * 0.9, value * 1.1];
}

function mutate(
  rule: Rule,
  pattern: RegExp,
  replacements: (match: readonly string[]) => readonly string[],
): readonly Mutant[] {
  return [...rule.expr.matchAll(pattern)].flatMap((match) =>
    replacements(match).map((text) => ({
      name: `${match[0]} -> ${text}`,
      rule: { ...rule, expr: rule.expr.slice(0, match.index) + text + rule.expr.slice(match.index + match[0].length) },
    })),
  );
}
