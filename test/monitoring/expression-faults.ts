import { parser } from "@prometheus-io/lezer-promql";
import { storedOutcomeStatus } from "../../shared/model/action.ts";
import { storedReason } from "../../shared/model/reason.ts";
import { verdictState } from "../../shared/model/verdict.ts";
import { NODE_STATES } from "../../shared/report/status.ts";
import type { KnownMetrics } from "./known-metrics.ts";

type Node = ReturnType<typeof parser.parse>["topNode"];

/** What an expression returns: the labels of its series, and undefined for a number. */
export type Labels = ReadonlySet<string> | undefined;

/** The values that the app gives to a label. */
const VALUES: Readonly<Record<string, readonly string[]>> = {
  state: [...verdictState.options, ...NODE_STATES],
  reason: storedReason.options,
  outcome: storedOutcomeStatus.options,
};
const TYPE_OF_FUNCTION: Readonly<Record<string, "counter" | "gauge">> = {
  rate: "counter",
  irate: "counter",
  increase: "counter",
  delta: "gauge",
  deriv: "gauge",
  predict_linear: "gauge",
};

/** Aggregations that return some of the series as they are. */
const SELECTING: ReadonlySet<string> = new Set(["topk", "bottomk"]);

/**
 * Returns what is wrong in an expression, and the labels of its result: metrics and labels that are not known, a missing
 * job, a rate of a gauge, values of labels that the app never writes.
 */
export function checkExpression(
  text: string,
  known: KnownMetrics,
): { readonly faults: readonly string[]; readonly labels: Labels } {
  const check = new Check(text, known);
  return { labels: check.labelsOf(parser.parse(text).topNode), faults: check.faults };
}

class Check {
  readonly faults: string[] = [];
  readonly #text: string;
  readonly #known: KnownMetrics;

  constructor(text: string, known: KnownMetrics) {
    this.#text = text;
    this.#known = known;
  }

  labelsOf(node: Node): Labels {
    switch (node.name) {
      case "VectorSelector":
        return this.#selector(node);
      case "AggregateExpr":
        return this.#aggregation(node);
      case "BinaryExpr":
        return this.#binary(node);
      case "FunctionCall":
        return this.#call(node);
      default:
        if (node.type.isError) this.faults.push(`syntax: ${this.#textOf(node)}`);
        return this.#firstVector(childrenOf(node));
    }
  }

  #selector(node: Node): Labels {
    const name = this.#textOf(node.getChild("Identifier"));
    const metric = this.#known.get(name);
    const matchers = this.#matchers(node);
    if (!metric) this.faults.push(`unknown metric ${name}`);
    if (metric?.job !== matchers.get("job")) this.faults.push(`${name} is asked of job ${matchers.get("job")}`);
    const labels = new Set(metric?.labels);
    if (metric) this.#expectLabels([...matchers.keys()], labels, name);
    if (metric?.job === undefined) this.#expectValues(matchers);
    return labels;
  }

  /** Returns the value of each label matcher. */
  #matchers(node: Node): ReadonlyMap<string, string> {
    const all = node.getChild("LabelMatchers")?.getChildren("UnquotedLabelMatcher") ?? [];
    return new Map(
      all.map((each) => [
        this.#textOf(each.getChild("LabelName")),
        this.#textOf(each.getChild("StringLiteral")).slice(1, -1),
      ]),
    );
  }

  #expectValues(matchers: ReadonlyMap<string, string>): void {
    for (const [label, value] of matchers) {
      const unknown = value.split("|").filter((each) => VALUES[label] && !VALUES[label].includes(each));
      this.faults.push(...unknown.map((each) => `the app has no ${label} ${each}`));
    }
  }

  #aggregation(node: Node): Labels {
    const modifier = node.getChild("AggregateModifier");
    const body = this.#firstVector(childrenOf(node.getChild("FunctionCallBody")));
    const operator = this.#textOf(node.getChild("AggregateOp"));
    if (!modifier) return SELECTING.has(operator) ? body : new Set();
    if (!modifier.getChild("By")) this.faults.push("an aggregation without by");
    const names = this.#names(modifier);
    this.#expectLabels(names, body, operator);
    return new Set(names);
  }

  #binary(node: Node): Labels {
    const [left, right] = [node.firstChild, node.lastChild].map((each) => each && this.labelsOf(each));
    const matching = node.getChild("MatchingModifierClause");
    const names = matching ? this.#names(matching) : [];
    for (const side of [left, right]) this.#expectLabels(names, side ?? undefined, "on");
    return this.#included(matching, left ?? undefined, right ?? undefined);
  }

  /** Returns the labels of the left side, with those that `group_left` takes from the right one. */
  #included(matching: Node | null, left: Labels, right: Labels): Labels {
    const [, included] = matching?.getChildren("GroupingLabels") ?? [];
    if (!left || !included) return left ?? right;
    const added = this.#labelNames(included);
    this.#expectLabels(added, right, "group_left");
    return new Set([...left, ...added]);
  }

  #call(node: Node): Labels {
    const name = this.#textOf(node.getChild("FunctionIdentifier"));
    const body = node.getChild("FunctionCallBody");
    this.#expectType(name, body?.getChildren("MatrixSelector") ?? []);
    const labels = this.#firstVector(childrenOf(body));
    const [target] = name === "label_replace" ? (body?.getChildren("StringLiteral") ?? []) : [];
    return labels && target ? new Set([...labels, this.#textOf(target).slice(1, -1)]) : labels;
  }

  #expectType(name: string, ranges: readonly Node[]): void {
    const type = TYPE_OF_FUNCTION[name];
    for (const range of ranges) {
      const metric = this.#textOf(range.getChild("VectorSelector")?.getChild("Identifier") ?? null);
      if (type && this.#known.get(metric)?.type !== type) this.faults.push(`${name} of ${metric}, which is no ${type}`);
    }
  }

  #firstVector(nodes: readonly Node[]): Labels {
    return nodes.map((each) => this.labelsOf(each)).find((each) => each !== undefined);
  }

  #names(modifier: Node): readonly string[] {
    const labels = modifier.getChild("GroupingLabels");
    return labels ? this.#labelNames(labels) : [];
  }

  #labelNames(labels: Node): readonly string[] {
    return labels.getChildren("LabelName").map((each) => this.#textOf(each));
  }

  #expectLabels(names: readonly string[], labels: Labels, where: string): void {
    const missing = labels ? names.filter((each) => !labels.has(each)) : [];
    this.faults.push(...missing.map((each) => `${where}: no label ${each}`));
  }

  #textOf(node: Node | null): string {
    return node ? this.#text.slice(node.from, node.to) : "";
  }
}

function childrenOf(node: Node | null): readonly Node[] {
  const found: Node[] = [];
  for (let child = node?.firstChild ?? null; child; child = child.nextSibling) found.push(child);
  return found;
}
