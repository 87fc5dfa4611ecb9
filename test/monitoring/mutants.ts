import { type Rule, type RuleFile, ruleFiles } from "./rule-files.ts";

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

/** Returns the rule files with one rule replaced. */
export function replaceRule(before: Rule, after: Rule): readonly RuleFile[] {
  const isSame = (each: Rule): boolean => each.alert === before.alert && each.record === before.record;
  return ruleFiles.map(({ name, groups }) => ({
    name,
    groups: groups.map((group) => ({
      ...group,
      rules: group.rules.map((each) => (isSame(each) ? after : each)),
    })),
  }));
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
