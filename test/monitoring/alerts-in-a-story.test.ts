import { beforeAll, describe, expect, test } from "vitest";
import { hasAssets } from "../real/kubectl.ts";
import { alertsIn, hasPromtool, type Query, runTests } from "./promtool.ts";
import { ruleFiles } from "./rule-files.ts";
import { type Chapter, CHAPTERS } from "./story/chapters.ts";
import { play, type Played, type Times } from "./story/play.ts";

const assets = process.env["KUBEBUILDER_ASSETS"] ?? "";
const hasAll = hasPromtool && hasAssets("etcd", "kube-apiserver", "kubectl");

/*
 * A Prometheus process keeps real time, while the clock of a story jumps from minute to minute. So the story is scraped
 * first, and the rules are evaluated on it after that:
 *
 * - the app, in its host, and each exporter answer over HTTP in every minute of the story;
 * - what is scraped when is what Prometheus's own discovery and relabelling find on a real API server, with the shipped
 *   configuration, for each set of slices that the app published;
 * - `promtool test rules` evaluates the unchanged rule files each minute of the story, in Prometheus's engine and rule
 *   manager, with the states of alerts, their `for`, and series that end where a target does.
 *
 * Scaled rules in a process beside a story at real pace would be other rules, and a test of minutes.
 */
function queriesOf({ silentMinutes, fires, pends }: Chapter, { begin, healed, end }: Times): readonly Query[] {
  const silence = { minute: begin + silentMinutes, expr: alertsIn("firing", `[${silentMinutes}m]`), expected: [] };
  return [
    ...(silentMinutes > 0 ? [silence] : []),
    { minute: healed, expr: alertsIn("firing"), expected: fires },
    { minute: end, expr: alertsIn("firing", `[${end - begin}m]`), expected: fires },
    { minute: end, expr: alertsIn("pending", `[${end - begin}m]`), expected: [...fires, ...pends] },
    { minute: end, expr: "ALERTS", expected: [] },
  ];
}

describe.skipIf(!hasAll)("a story of one cluster (needs PROMETHEUS_DIR and KUBEBUILDER_ASSETS)", () => {
  let played: Played;
  beforeAll(async () => {
    played = await play(CHAPTERS, assets);
  }, 240_000);

  test.each(CHAPTERS)("$name: the right alerts are pending, fire and resolve, and no other", async (chapter) => {
    const { start, series, times } = played;
    const queries = queriesOf(chapter, times.get(chapter) ?? { begin: 0, healed: 0, end: 0 });
    const { isSuccess, output } = await runTests(ruleFiles, [{ name: chapter.name, start, series, queries }]);
    expect({ isSuccess, output: output.trim() }).toEqual({ isSuccess: true, output: "SUCCESS" });
  });
});
