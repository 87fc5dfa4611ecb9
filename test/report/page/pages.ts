import { renderBadSettings, renderPage } from "../../../shared/report/page/page.ts";
import { NODE_STATES, type ClusterStatus, type Status } from "../../../shared/report/status.ts";
import { ago, buildCluster, buildNode, buildPass, buildPool, buildProblem, buildStatus } from "./build-status.ts";

const HOSTILE = `<script>alert("1")</script><img src=x onerror='a&b'>`;
const LONG = "n".repeat(200);
const RIGHT_TO_LEFT = "\u202Eשלום-עולם\u202C";

const RESYNC = `curl -X POST "https://shop-awm.azurewebsites.net/api/resync?cluster=shop&pool=win2" -H "x-functions-key: $KEY"`;

/** Three of 28 nodes have no metrics, each for another reason. */
const trouble: Status = buildStatus([
  buildCluster(
    [
      buildPool("win1", 8, [
        buildNode("akswin1000008", {
          state: "waiting-for-aks",
          message: "AKS replaced it 6 min ago and has not finished upgrading the pool.",
          since: ago(6),
          published: { state: "not-ready", endpoint: "10.240.0.12:9182" },
        }),
        buildNode("akswin1000009", { state: "installing", message: "The extension runs.", since: ago(2) }),
      ]),
      buildPool("win2", 17, [
        buildNode("akswin200000h", {
          pool: "win2",
          state: "failed",
          message: "The package could not be downloaded: name not resolved.",
          since: ago(22),
          nextTryAt: ago(-38),
        }),
      ]),
    ],
    {
      headline: "3 of 28 Windows nodes have no metrics",
      summary: [
        "1 needs an operator. 1 waits for AKS, which has been upgrading win1 for 27 min. 1 is being installed and needs nothing.",
      ],
      problems: [
        buildProblem("The package could not be downloaded on 1 node of win2", {
          message:
            "“Error downloading … after 3 attempts: name not resolved.” The other 17 nodes of win2 have the package, so the fault is between this node and shopawmpkg.blob.core.windows.net.",
          pool: "win2",
          nodes: ["akswin200000h"],
          nextTryAt: ago(-38),
          remedy: { text: "Check the node's DNS and egress. Then have the app retry at once:", command: RESYNC },
        }),
        buildProblem("Pool win1 waits for AKS", {
          level: "waiting",
          message:
            "AKS is upgrading win1 to 20348.9999. Nodes that it has replaced have no exporter until it has finished.",
          since: ago(27),
          pool: "win1",
          nodes: ["akswin1000008"],
          healsItself: true,
        }),
      ],
      timeline: [
        { at: ago(6), text: "AKS replaced akswin1000008. Its exporter is gone with the old machine." },
        { at: ago(22), text: "akswin200000h: download failed, first of 5 tries." },
        { at: ago(27), text: "AKS dropped the extension from win1 when it began the upgrade to 20348.9999." },
        { at: ago(79), text: "win2 covered again, 12 min after AKS reconciled it: 31 node-minutes without metrics." },
        { at: ago(1100), text: "windows_exporter 0.31.8 (bbbbbbbb) proven in win1, then on 28 nodes in 41 min." },
      ],
      passes: [buildPass("extension", { level: "waiting", result: "waits for AKS" }), buildPass("endpoints")],
      dashboard: "https://grafana.example/d/aks-windows-fleet?var-cluster=shop",
    },
  ),
]);

const everyState = buildStatus([
  buildCluster(
    [
      buildPool(
        "win1",
        2,
        NODE_STATES.map((state, index) => buildNode(`akswin1x0000${index}`, { state })),
      ),
    ],
    {
      headline: "5 of 9 Windows nodes have no metrics",
      summary: ["2 need an operator. The other 3 need nothing."],
      problems: [buildProblem("1 node failed", { nodes: ["akswin1x00003"] })],
    },
  ),
]);

const hostileCluster: ClusterStatus = buildCluster(
  [HOSTILE, LONG, RIGHT_TO_LEFT].map((text) => ({
    ...buildPool(text, 1, [
      buildNode(text, { state: "failed", message: text, published: { state: "ready", endpoint: text }, package: text }),
    ]),
    scaleSet: `/${text}`,
  })),
  {
    cluster: `/subscriptions/"><b>/managedclusters/${LONG}`,
    name: HOSTILE,
    headline: `${LONG} ${RIGHT_TO_LEFT}`,
    summary: [HOSTILE, LONG],
    problems: [HOSTILE, LONG, RIGHT_TO_LEFT].map((text) =>
      buildProblem(text, { message: text, pool: text, nodes: [text], remedy: { text, command: text } }),
    ),
    conditions: [{ ...buildProblem(HOSTILE), subject: LONG, state: "refused", reason: "denied" }],
    timeline: [HOSTILE, LONG, RIGHT_TO_LEFT].map((text) => ({ at: ago(1), text })),
    passes: [HOSTILE, LONG].map((text) =>
      buildPass(text, { result: text, cause: text, warnings: [text], outcomes: [text], observed: [text] }),
    ),
  },
);

const hostile = buildStatus([hostileCluster, { ...hostileCluster, name: LONG }], {
  app: { name: HOSTILE, version: LONG, mode: HOSTILE },
  notices: [HOSTILE, LONG],
});

const noPassYet = buildStatus([
  buildCluster([], {
    level: "working",
    headline: "No pass has run yet",
    summary: ["The first one begins within a minute."],
    passes: ["extension", "endpoints"].map((flow) => ({
      flow,
      level: "working",
      result: "no pass has run yet",
      warnings: [],
      outcomes: [],
      observed: [],
    })),
  }),
]);

const overdue = buildStatus([
  buildCluster([buildPool("win1", 10)], {
    level: "trouble",
    headline: "All 10 Windows nodes have metrics",
    summary: ["The extension pass is overdue: no pass has run since 10:55 UTC."],
    problems: [
      buildProblem("The extension passes are overdue", {
        message: "No pass has run for 1 h 5 min; one was due 50 min ago.",
        since: ago(50),
        remedy: { text: "Check in the Azure portal that the function app runs, and read its log." },
      }),
    ],
    passes: [
      buildPass("extension", { level: "trouble", result: "overdue", endedAt: ago(65), requeueAt: ago(50) }),
      buildPass("endpoints"),
    ],
  }),
]);

const failedPass = buildStatus([
  buildCluster([buildPool("win1", 10)], {
    level: "trouble",
    headline: "All 10 Windows nodes have metrics",
    summary: ["The extension pass fails: what it told is as of 11:34 UTC."],
    problems: [
      buildProblem("The app's identity lacks a permission", {
        message: "The app's identity lacks Microsoft.ContainerService/managedClusters/read on resource group shop-rg.",
        since: ago(25),
        nextTryAt: ago(-3),
        remedy: {
          text: "Assign the role to the identity:",
          command: `az role assignment create --assignee-object-id 0a1b2c3d-0000-4000-8000-000000000000 --assignee-principal-type ServicePrincipal --role "AKS Windows metrics reader" --scope /subscriptions/5b0b/resourceGroups/shop-rg`,
        },
      }),
    ],
    passes: [
      buildPass("extension", { level: "trouble", result: "failed: denied", observedAt: ago(26) }),
      buildPass("endpoints"),
    ],
  }),
]);

const allWell = buildStatus([buildCluster([buildPool("win1", 10), buildPool("win2", 18)])]);

/** Three clusters of four pools of 60 nodes, all well, with all that a long life leaves behind. */
const big = buildStatus(
  ["atelier", "shop", "warehouse"].map((name) =>
    buildCluster(
      ["win1", "win2", "win3", "win4"].map((pool) => buildPool(pool, 60)),
      {
        name,
        timeline: trouble.clusters.flatMap(({ timeline }) => Array(40).fill(timeline).flat()),
        passes: [buildPass("extension"), buildPass("endpoints", { observed: Array(240).fill("10.240.0.5:9182") })],
      },
    ),
  ),
);

const several = buildStatus([
  ...allWell.clusters,
  ...failedPass.clusters.map((cluster) => ({ ...cluster, name: "atelier" })),
  ...trouble.clusters,
]);

/** The HTML of pages by name. */
export const PAGES = {
  trouble: renderPage(trouble),
  "every-state": renderPage(everyState),
  hostile: renderPage(hostile),
  "no-pass-yet": renderPage(noPassYet),
  overdue: renderPage(overdue),
  "failed-pass": renderPage(failedPass),
  "bad-settings": renderBadSettings([
    "AKS_CLUSTER_IDS is not set, expected ids of managed clusters, separated by commas",
    "MODE: found 'instal', expected observe or install",
  ]),
  "all-well": renderPage(allWell),
  several: renderPage(several),
  big: renderPage(big),
} as const;
