import { expect, test } from "vitest";
import { OLD_MARKER, OLD_PACKAGE, ourEntry, ours } from "../build.ts";
import { type Case, classify, format, proof, withExtensions } from "./classified.ts";

const failedExtension = ours({ state: "failed", message: "the MSI ended with 1603" });
const outdated = { marker: OLD_MARKER };

const ROWS: readonly Case[] = [
  {
    when: "shown as succeeded, with a text of a failure",
    as: withExtensions(ours({ message: "Error downloading https://x/y.zip after 29 attempts" })),
    verdict: "failed cause-download",
  },
  {
    when: "succeeded, with evidence",
    as: withExtensions(ours({ logs: [proof()] })),
    known: outdated,
    verdict: "current",
  },
  {
    when: "succeeded, with evidence of another marker",
    as: withExtensions(ours({ logs: [proof(OLD_MARKER)] })),
    verdict: "outdated",
  },
  {
    when: "succeeded without evidence, where the cluster shows evidence",
    showsEvidence: true,
    verdict: "unproven-health",
  },
  {
    when: "succeeded without evidence, with another marker, where the cluster shows evidence",
    showsEvidence: true,
    known: outdated,
    verdict: "outdated",
  },
  {
    when: "succeeded, with settings of the desired package and another marker in memory",
    as: withExtensions(ours({ settings: ourEntry().settings })),
    known: outdated,
    verdict: "current",
  },
  {
    when: "succeeded, with settings of another package",
    as: withExtensions(ours({ settings: ourEntry({}, OLD_PACKAGE).settings })),
    verdict: "outdated",
  },
  {
    when: "failed, with settings of another package",
    as: withExtensions({ ...failedExtension, settings: ourEntry({}, OLD_PACKAGE).settings }),
    verdict: "outdated",
  },
];

test.each(ROWS)("an instance, $when: $verdict", ({ verdict, ...c }) => {
  expect(format(classify(c))).toBe(verdict);
});
