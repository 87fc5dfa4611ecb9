import { toCallError } from "../../shared/clients/errors.ts";
import { KubeConnectionError, KubeResponseError, NO_ENTRA } from "../../shared/clients/kubernetes/errors.ts";
import { REASONS } from "../../shared/report/describe.ts";
import { LEVEL_OF, LEVELS } from "../../shared/report/levels.ts";
import { LOG_WORDS } from "../../shared/report/log.ts";
import { REMEDIES, REMEDIES_OF_STATES } from "../../shared/report/remedies.ts";
import type { RemedyEntry } from "../../shared/report/remedy-entry.ts";
import { markdownTable } from "./markdown-table.ts";
import { type Section, SECTIONS_IN_ORDER } from "./troubleshooting-sections.ts";

/** Returns the text of docs/troubleshooting.md. Its tables contain the app's own messages. */
export function troubleshootingPage(): string {
  return `${[
    INTRODUCTION,
    ...markdownTable(["level", "states"], levelRows()),
    "",
    "These states can be reported without a reason:",
    "",
    ...markdownTable(["state", "remedy", "heals by itself"], stateRows()),
    REASONS_HEADING,
    ...SECTIONS_IN_ORDER.flatMap(section),
    FAILURES,
    ...markdownTable(["problem", "message"], failureRows()),
    ANSWERS,
    LOG_LINES,
    ...markdownTable(["word", "meaning"], logRows()),
    "",
    LOG_QUERY,
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
  return Object.entries(REMEDIES_OF_STATES).map(([state, entry]) => [`\`${state}\``, ...remedyCells(entry)]);
}

function logRows(): readonly (readonly string[])[] {
  return Object.entries(LOG_WORDS).map(([word, meaning]) => [`\`${word}\``, meaning]);
}

function section({ heading, reasons, notes }: Section): readonly string[] {
  const rows = reasons.map((reason) => [`\`${reason}\``, REASONS[reason], ...remedyCells(REMEDIES[reason])]);
  return [
    `### ${heading}`,
    "",
    ...markdownTable(["reason", "meaning", "remedy", "heals by itself"], rows),
    "",
    ...notes,
  ];
}

/** Returns the text of a remedy, with a mark where the status page has a command, and whether none is needed. */
function remedyCells({ text, command, heals }: RemedyEntry): readonly string[] {
  return [`${text}${command ? " (command)" : ""}`, heals ? "yes" : "no"];
}

/** The app's messages for typical error responses of Azure and Kubernetes. */
function failureRows(): readonly (readonly string[])[] {
  return [
    [
      "the role on the node resource group is missing",
      lacking("list scale sets of GROUP", "Microsoft.Compute/virtualMachineScaleSets/read"),
    ],
    [
      "the role on the cluster is missing",
      lacking("read cluster NAME", "Microsoft.ContainerService/managedClusters/read"),
    ],
    [
      "the node resource group is locked",
      denied("put extension on NAME", "a deny assignment", "DenyAssignmentAuthorizationFailed"),
    ],
    ["the cluster has no Microsoft Entra integration", NO_ENTRA],
    ["the API server returns 401", refused(401, "Unauthorized")],
    [
      "the API server returns 403",
      refused(403, 'nodes is forbidden: User "ID" cannot list resource "nodes" in API group "" at the cluster scope'),
    ],
    ["the name of the API server does not resolve", unreachable("ENOTFOUND", "getaddrinfo ENOTFOUND HOST")],
    [
      "the certificate of the API server is not signed by the cluster's CA",
      unreachable("SELF_SIGNED_CERT_IN_CHAIN", "self-signed certificate"),
    ],
    [
      "the app's proxy does not connect to the API server",
      unreachable("UND_ERR_ABORTED", "Proxy response (403) !== 200 when HTTP Tunneling"),
    ],
    ["the API server cannot be reached or does not answer", unreachable("ETIMEDOUT", "no connection within 5 s")],
  ];
}

const denied = (call: string, text: string, code = "AuthorizationFailed"): string =>
  toCallError(call, Object.assign(new Error(text), { statusCode: 403, code })).message;

const lacking = (call: string, action: string): string =>
  denied(call, `The client does not have authorization to perform action '${action}'`);

const refused = (status: number, message: string): string =>
  new KubeResponseError(status, new Headers(), JSON.stringify({ message })).message;

const unreachable = (code: string, text: string): string =>
  new KubeConnectionError("HOST", Object.assign(new Error(text), { code })).message;

const INTRODUCTION = `# Troubleshooting

Generated from the app's own tables (\`shared/report/\`, \`shared/clients/\`) by \`npm run pages\`. Do not edit it by hand.

The response of \`resync\` has a verdict for each cluster, scale set, instance and node: a state, usually with a reason,
and since when it holds. The [status page](status.md) joins them into one status per node and lists problems first, with
their remedies. Where the table says "(command)", the page has a command with the values of the cluster.
\`POST /api/resync?dry-run\` shows what the app would do now.

## States
`;

const REASONS_HEADING = `
## Reasons
`;

const FAILURES = `## When a call fails

If the service sent a message of its own, it follows the app's message.
`;

const ANSWERS = `
## HTTP status codes

\`resync\` returns:

| status | meaning |
| --- | --- |
| 200 | the passes finished; the body has their reports |
| 202 | some passes did not finish within 200 s; the timers continue with them |
| 409 | a pass is already running and will run again before it finishes |
| 502 | a call failed; the body names it |
| 400, 404 | a parameter is invalid, or names a cluster or a pool that does not exist |
| 500 | settings are invalid; the body lists all of them |

\`status\` returns 200, or 503 if a flow is overdue, or 502 if a report could not be read, or 500 if settings are invalid.`;

const LOG_LINES = `
## Log lines

Each line that the app logs is one word and an object in JSON.
`;

const LOG_QUERY = `In Application Insights, this query lists what the app refused and which calls failed:

\`\`\`kusto
traces
| extend word = tostring(split(message, " ")[0])
| where word in ("refused", "failed")
| extend fields = parse_json(substring(message, strlen(word) + 1))
| project timestamp, word, cluster = tostring(fields.cluster), fields
\`\`\``;
