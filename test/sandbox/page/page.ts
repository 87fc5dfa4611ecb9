import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { Html, html } from "../../../shared/report/html.ts";
import { renderDocument } from "../../../shared/report/page/document.ts";
import { STYLE_SOURCE } from "../../../shared/report/page/style.ts";
import { type Action, buttonsOf, requestOf } from "../action.ts";
import { SECTIONS } from "../actions.ts";

const OWN_STYLE = readFileSync(new URL("page.css", import.meta.url), "utf8");
const SCRIPT = readFileSync(new URL("page.mjs", import.meta.url), "utf8");
const sourceOf = (text: string): string => `'sha256-${createHash("sha256").update(text).digest("base64")}'`;
const HEAD = new Html(`<style>${OWN_STYLE}</style><script type="module">${SCRIPT}</script>`);

/** The page loads nothing from elsewhere, and runs only its own script. */
export const SANDBOX_HEADERS: Readonly<Record<string, string>> = {
  "content-type": "text/html; charset=utf-8",
  "content-security-policy": [
    "default-src 'none'",
    `style-src ${STYLE_SOURCE} ${sourceOf(OWN_STYLE)}`,
    `script-src ${sourceOf(SCRIPT)}`,
    "connect-src 'self'; frame-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  ].join("; "),
};

/** Renders the page without what changes, which the script fills in. */
export function renderSandbox(): string {
  const body = html`<header class="top bar">
      <h1>Sandbox</h1>
      <span>one AKS cluster, one app, no Azure</span>
      <span id="real"></span>
    </header>
    <main class="grid">
      <section class="cluster wide bar" aria-label="Time">
        <h2 class="clock"><time id="clock">--:--</time> <span class="mute" id="speed"></span></h2>
        <div class="buttons" data-section="time">${buttonsIn("time")}</div>
        <p id="outcome" role="status"></p>
      </section>
      <div class="left">
        <section class="cluster" id="world" aria-label="The cluster">
          <h2>Starting</h2>
          <p>Storage, Azure Resource Manager and Kubernetes start, and the first package is built and published.</p>
        </section>
        <section class="cluster">
          <h2>What happened <span class="mute">the latest first, UTC</span></h2>
          <ol class="timeline" id="story" tabindex="0" aria-label="What happened"></ol>
        </section>
      </div>
      <section class="cluster right">
        <h2>What the app says <span class="mute">its own status page</span></h2>
        <iframe id="status" src="/status" title="The app's status page"></iframe>
      </section>
      <section class="cluster wide">
        <h2>Make something happen <span class="mute">dashed: take it back</span></h2>
        <div class="sets">
          ${set("AKS, on a pool", "pools", choose("pool", "Pool"))}
          ${set("One node", "instances", choose("instance", "Node"))} ${set("The whole cluster", "cluster")}
          ${set("Azure", "azure")} ${set("The app and its package", "app")}
        </div>
      </section>
    </main>`;
  return renderDocument("Sandbox · aks-windows-metrics", body, HEAD);
}

function set(title: string, section: string, before: Html = html``): Html {
  return html`<div class="set" role="group" aria-label="${title}">
    <h3>${title}</h3>
    ${before}
    <div class="buttons" data-section="${section}">${buttonsIn(section)}</div>
  </div>`;
}

function buttonsIn(section: string): readonly Html[] {
  return (SECTIONS[section] ?? []).flatMap((action) => buttons(section, action));
}

/** A list of targets, which the script fills. */
function choose(id: string, label: string): Html {
  return html`<label class="mute"
    >${label}
    <select id="${id}"></select
  ></label>`;
}

/** Renders the buttons of an action. The names in the path of a pool or a node are those that the user chooses. */
function buttons(section: string, action: Action): readonly Html[] {
  const chosen = section === "pools" ? ["pool"] : section === "instances" ? ["scaleSet", "id"] : [];
  return buttonsOf(action).map(({ label, values }) => {
    const kept = { ...values, ...Object.fromEntries(chosen.map((name) => [name, `{${name}}`])) };
    const { path, body } = requestOf(action, kept);
    const held = action.holds?.(values);
    const isUndo = held !== undefined && held[1] === undefined;
    return html`<button
      type="button"
      class="${isUndo ? "undo" : ""}"
      data-path="${path}"
      data-body="${JSON.stringify(body)}"
      title="POST ${path}"
    >
      ${label}
    </button>`;
  });
}
