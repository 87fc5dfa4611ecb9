import type { Look } from "./browser.ts";

/** Throws if the browser reported anything, the page is wider than its window, or axe-core rejects something. */
export function expectFine(look: Omit<Look, "bytes">): void {
  const { console, blocked, requests, violations, scrollWidth, clientWidth, picture } = look;
  const overflow = `The page is ${scrollWidth} pixels wide, its window ${clientWidth}.`;
  const faults = [...console, ...blocked, ...requests, ...violations, ...(scrollWidth > clientWidth ? [overflow] : [])];
  if (faults.length > 0) throw new Error(`The page of ${picture} is not fine:\n${faults.join("\n")}`);
}
