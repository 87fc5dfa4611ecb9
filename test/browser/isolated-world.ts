import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import type { AxeResults, Result } from "axe-core";
import type { CDPSession } from "playwright-core";
import { findVisibleWords, measure, type Measures } from "./measure.mjs";

/** Milliseconds. Axe never ends on a page whose policy has `sandbox`, which also stops the timers of this world. */
const LONGEST_RUN = 60_000;

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

/** Scripts beside those of the page, on the same document. The page's security policy does not apply to them. */
export interface IsolatedWorld {
  readonly measure: () => Promise<Measures>;
  readonly findViolations: () => Promise<readonly string[]>;
}

/** Creates an isolated world in the current document of a session. */
export async function createIsolatedWorld(session: CDPSession): Promise<IsolatedWorld> {
  const { frameTree } = await session.send("Page.getFrameTree");
  const { executionContextId } = await session.send("Page.createIsolatedWorld", { frameId: frameTree.frame.id });

  async function evaluate(expression: string): Promise<unknown> {
    const { result, exceptionDetails } = await session.send(
      "Runtime.evaluate",
      { expression, contextId: executionContextId, awaitPromise: true, returnByValue: true },
      { timeout: LONGEST_RUN },
    );
    if (exceptionDetails) throw new Error(exceptionDetails.exception?.description ?? exceptionDetails.text);
    return result.value;
  }

  return {
    async measure() {
      const visibleWords = `(${findVisibleWords.toString()})()`;
      return (await evaluate(`(${measure.toString()})(${visibleWords})`)) as Measures;
    },
    async findViolations() {
      const run = `axe.run(document, { resultTypes: ["violations"] })`;
      const { violations } = (await evaluate(`${axe};${run}`)) as AxeResults;
      return violations.map(describeViolation);
    },
  };
}

/** Returns `rule: what is wrong, at the first element and N more`. */
function describeViolation({ id, help, nodes }: Result): string {
  const [check] = nodes.flatMap(({ any, all, none }) => [...any, ...all, ...none]);
  const [target = "the page"] = nodes.map((node) => node.target.join(" "));
  const more = nodes.length > 1 ? ` and ${nodes.length - 1} more` : "";
  return `${id}: ${check?.message ?? help}, at ${target}${more}`;
}
