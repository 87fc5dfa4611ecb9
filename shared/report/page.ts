import { Html, html } from "./html.ts";
import { LEVELS } from "./levels.ts";
import type { ClusterText, FlowText, StatusText, VerdictText } from "./status-text.ts";

/** The page loads and runs nothing. Its address may contain a function key, which it must not pass on. */
export const PAGE_HEADERS: Readonly<Record<string, string>> = {
  "content-type": "text/html; charset=utf-8",
  "content-security-policy":
    "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
};

const STYLE = new Html(`
  :root { color-scheme: light dark; }
  body { font: 15px/1.45 system-ui, sans-serif; margin: 2rem auto; max-width: 80rem; padding: 0 1rem; }
  h2 { margin-top: 2.5rem; border-bottom: 1px solid; }
  h3 { margin: 1.5rem 0 0.4rem; }
  table { border-collapse: collapse; width: 100%; }
  th, td { text-align: left; vertical-align: top; padding: 0.3rem 0.7rem; border-bottom: 1px solid #8886; overflow-wrap: anywhere; }
  tr > :first-child { border-left: 0.3rem solid transparent; }
  .trouble > :first-child { border-left-color: #c62828; }
  .waiting > :first-child { border-left-color: #e69500; }
  .working > :first-child { border-left-color: #1976d2; }
  .well > :first-child { border-left-color: #2e7d32; }
  .id, .ago { opacity: 0.7; font-size: 0.9em; overflow-wrap: anywhere; }
  time { white-space: nowrap; }
  ul { padding-left: 1.2rem; overflow-wrap: anywhere; }
  .wide { columns: 16rem; }
  @media (max-width: 45rem) {
    body { font-size: 14px; padding: 0 0.6rem; }
    table { display: block; overflow-x: auto; }
    th, td { padding: 0.3rem; overflow-wrap: break-word; }
    /* A verdict can contain a URL, which would push time and remedy off the screen. */
    td:first-child:nth-last-child(3) { min-width: 9rem; overflow-wrap: anywhere; }
    time { white-space: normal; }
  }
`);

/** Renders the status as an HTML page. */
export function renderPage(status: StatusText): string {
  const { at, mode, failures, clusters } = status;
  const changes = mode === "observe" ? "observe: the app plans and reports, and changes nothing" : mode;
  const page = html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <title>Status of aks-windows-metrics</title>
        <style>
          ${STYLE}
        </style>
      </head>
      <body>
        <h1>Status of aks-windows-metrics</h1>
        <p>What the last passes observed, decided and did, as of ${time(at)}. MODE is ${changes}.</p>
        ${list("Reports that cannot be read", failures)}
        ${table(["Cluster", "Refused or failed", "Waiting", "In progress", "Well"], clusters.map(summaryRow))}
        ${clusters.map((cluster, index) => section(cluster, index, at))}
      </body>
    </html> `;
  return page.toString();
}

function summaryRow({ level, name, counts }: ClusterText, index: number): Html {
  const cells = LEVELS.map((each) => html`<td>${counts[each]}</td>`);
  return html`<tr class="${level}">
    <td><a href="#cluster-${index}">${name}</a></td>
    ${cells}
  </tr>`;
}

function section(text: ClusterText, index: number, at: string): Html {
  const { name, cluster, flows, verdicts, pools, nodes } = text;
  const passes = table(
    ["Flow", "Last report", "Next pass", "Result"],
    flows.map((flow) => flowRow(flow, at)),
  );
  return html`<section id="cluster-${index}">
    <h2>Cluster ${name}</h2>
    <p class="id">${cluster}</p>
    ${troubles(text, at)}
    <h3>Passes</h3>
    ${passes} ${verdictTable("Cluster as a whole", verdicts, at)}
    ${pools.map((each) => verdictTable(`Pool ${each.pool}`, each.verdicts, at))} ${verdictTable("Nodes", nodes, at)}
    ${flows.map((flow) => list(`Warnings of the ${flow.flow} pass`, flow.warnings))}
    ${flows.map((flow) => list(`What the ${flow.flow} pass did`, flow.outcomes))}
    ${flows.map((flow) => list(`What the ${flow.flow} pass observed`, flow.observed))}
  </section> `;
}

/** Lists first what needs an operator; each row also appears in its own table. */
function troubles({ flows, verdicts, pools, nodes }: ClusterText, at: string): Html {
  const failures = flows.flatMap((flow) => flow.failures.map((failure) => failureRow(flow, failure, at)));
  const rows = [verdicts, ...pools.map((each) => each.verdicts), nodes]
    .flat()
    .filter(({ level }) => level === "trouble")
    .map((verdict) => verdictRow(verdict, at));
  if (failures.length + rows.length === 0) return html``;
  return html`<h3>Refused or failed</h3>
    ${table(VERDICT_COLUMNS, [...failures, ...rows])}`;
}

function failureRow({ flow, startedAt }: FlowText, failure: string, at: string): Html {
  const since = startedAt === undefined ? "" : timeAgo(startedAt, at);
  return html`<tr class="trouble">
    <td>${flow} pass: ${failure}</td>
    <td>${since}</td>
    <td></td>
  </tr> `;
}

function flowRow({ flow, cause, endedAt, requeueAt, message, failures }: FlowText, at: string): Html {
  const level = failures.length > 0 ? "trouble" : message === undefined ? "well" : "waiting";
  const last = endedAt === undefined ? "" : html`${timeAgo(endedAt, at)}, by ${cause ?? ""}`;
  const next = requeueAt === undefined ? "at the next tick of the timer" : timeAgo(requeueAt, at);
  const failed = failures.length === 1 ? "1 failure" : `${failures.length} failures`;
  const end = message ?? (failures.length > 0 ? `${failed}, see above` : "no failure");
  return html`<tr class="${level}">
    <td>${flow}</td>
    <td>${last}</td>
    <td>${next}</td>
    <td>${end}</td>
  </tr> `;
}

const VERDICT_COLUMNS = ["Verdict", "Since", "Remedy"];

function verdictTable(heading: string, verdicts: readonly VerdictText[], at: string): Html {
  if (verdicts.length === 0) return html``;
  return html`<h3>${heading}</h3>
    ${table(
      VERDICT_COLUMNS,
      verdicts.map((verdict) => verdictRow(verdict, at)),
    )}`;
}

function verdictRow({ level, sentence, since, remedy = "" }: VerdictText, at: string): Html {
  return html`<tr class="${level}">
    <td>${sentence}</td>
    <td>${timeAgo(since, at)}</td>
    <td>${remedy}</td>
  </tr> `;
}

function table(columns: readonly string[], rows: readonly Html[]): Html {
  return html`<table>
    <thead>
      <tr>
        ${columns.map((each) => html`<th scope="col">${each}</th>`)}
      </tr>
    </thead>
    <tbody>
      ${rows}
    </tbody>
  </table>`;
}

function list(heading: string, lines: readonly string[]): Html {
  if (lines.length === 0) return html``;
  const shape = lines.length > LONG_LIST ? "wide" : "";
  return html`<h3>${heading}</h3>
    <ul class="${shape}">
      ${lines.map((line) => html`<li>${line}</li>`)}
    </ul>`;
}

const LONG_LIST = 12;

function time(iso: string): Html {
  return html`<time datetime="${iso}">${iso.slice(0, 19).replace("T", " ")} UTC</time>`;
}

function timeAgo(iso: string, at: string): Html {
  return html`${time(iso)} <span class="ago">${ago(Date.parse(at) - Date.parse(iso))}</span>`;
}

const UNITS = [
  { name: "d", ms: 86_400_000 },
  { name: "h", ms: 3_600_000 },
  { name: "min", ms: 60_000 },
  { name: "s", ms: 1000 },
] as const;

function ago(ms: number): string {
  const unit = UNITS.find((each) => Math.abs(ms) >= each.ms);
  if (!unit) return "now";
  const text = `${Math.floor(Math.abs(ms) / unit.ms)} ${unit.name}`;
  return ms > 0 ? `${text} ago` : `in ${text}`;
}
