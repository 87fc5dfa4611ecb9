import { toCallError } from "../../shared/clients/errors.ts";
import { KubeRefusal, KubeUnreachable, NO_ENTRA } from "../../shared/clients/kubernetes/errors.ts";
import { REASONS } from "../../shared/report/describe.ts";
import { LEVEL_OF, LEVELS } from "../../shared/report/levels.ts";
import { REMEDY_BY_REASON, REMEDY_BY_STATE } from "../../shared/report/remedies.ts";
import { markdownTable } from "./markdown-table.ts";
import { type Section, SECTIONS_IN_ORDER } from "./troubleshooting-sections.ts";

/** docs/troubleshooting.md: every word in its tables is the app's own. */
export function troubleshootingPage(): string {
  return `${[
    INTRODUCTION,
    ...markdownTable(["level", "states"], levelRows()),
    "",
    "Some states say enough without a reason:",
    "",
    ...markdownTable(["state", "what to do"], stateRows()),
    REASONS_HEADING,
    ...SECTIONS_IN_ORDER.flatMap(section),
    FAILURES,
    ...markdownTable(["what happened", "the app says"], failureRows()),
    ANSWERS,
  ].join("\n")}\n`;
}

function levelRows(): readonly (readonly string[])[] {
  const states = Object.entries(LEVEL_OF);
  return LEVELS.map((level) => {
    const those = states.filter(([, each]) => each === level).map(([state]) => `\`${state}\``);
    return [level, those.join(", ")];
  });
}

function stateRows(): readonly (readonly string[])[] {
  return Object.entries(REMEDY_BY_STATE).map(([state, way]) => [`\`${state}\``, way]);
}

function section({ heading, reasons, notes }: Section): readonly string[] {
  const rows = reasons.map((reason) => [`\`${reason}\``, REASONS[reason], REMEDY_BY_REASON[reason]]);
  return [`### ${heading}`, "", ...markdownTable(["reason", "means", "what to do"], rows), "", ...notes];
}

/** What the app makes of answers as Azure and Kubernetes give them, in its own words. */
function failureRows(): readonly (readonly string[])[] {
  return [
    [
      "a role on the node resource group is missing",
      lacking("list scale sets of GROUP", "Microsoft.Compute/virtualMachineScaleSets/read"),
    ],
    [
      "a role on the cluster is missing",
      lacking("read cluster NAME", "Microsoft.ContainerService/managedClusters/read"),
    ],
    ["the node resource group is locked", denied("put extension on NAME", "DenyAssignmentAuthorizationFailed")],
    ["the cluster has no Entra integration", NO_ENTRA],
    ["the API server answers 401", refused(401, "Unauthorized")],
    ["it answers 403", refused(403, 'nodes is forbidden: User "ID" cannot list resource "nodes"')],
    ["its name does not resolve", unreachable("ENOTFOUND", "getaddrinfo ENOTFOUND HOST")],
    ["its certificate is not of the cluster's CA", unreachable("SELF_SIGNED_CERT_IN_CHAIN", "self-signed certificate")],
    ["there is no connection, or no answer", unreachable("ETIMEDOUT", "no connection within 5 s")],
  ];
}

const denied = (call: string, text: string): string =>
  toCallError(call, Object.assign(new Error(text), { statusCode: 403 })).message;

const lacking = (call: string, action: string): string =>
  denied(call, `The client does not have authorization to perform action '${action}'`);

const refused = (status: number, message: string): string =>
  new KubeRefusal(status, new Headers(), JSON.stringify({ message })).message;

const unreachable = (code: string, text: string): string =>
  new KubeUnreachable("HOST", Object.assign(new Error(text), { code })).message;

const INTRODUCTION = `# Troubleshooting

Made from the app's own tables (\`shared/report/\`, \`shared/clients/\`) by \`npm run pages\`. Do not edit it by hand.

The status page and the answer of \`resync\` give each cluster, scale set, instance and node a verdict: a state, mostly
with a reason, and since when. The status page puts trouble first and says what to do. The text beside a reason says
what was found, and often names the command that helps. \`POST /api/resync?dry-run\` shows what the app would do now.

## States
`;

const REASONS_HEADING = `
## Reasons
`;

const FAILURES = `## When a call fails

Where a service answered, its own words follow.
`;

const ANSWERS = `
## What \`resync\` answers

| status | means |
| --- | --- |
| 200 | the reports |
| 202 | not all was done within 200 s; the timers go on with the rest |
| 409 | a pass runs already; it looks again before it ends |
| 502 | a call failed: the text names it |
| 400, 404 | a parameter is wrong, or names nothing that is there |
| 500 | settings are wrong: the list of all of them |

\`status\` answers 200, 502 where a report could not be read, and 500 where settings are wrong.`;
