import { html } from "../html.ts";
import { renderDocument } from "./document.ts";
import { plural } from "./words.ts";

/** Renders the page of an app that cannot run because of its settings: each problem, and where settings are set. */
export function renderBadSettings(problems: readonly string[]): string {
  const wrong = `${plural(problems.length, "setting")} ${problems.length === 1 ? "is" : "are"} wrong`;
  const body = html`<header class="top"><h1>aks-windows-metrics</h1></header>
    <main>
      <section class="cluster trouble">
        <p><span class="badge trouble">Needs an operator</span></p>
        <h2>The app does nothing: ${wrong}</h2>
        <p class="lead">No cluster is observed, and no node is changed, until the app can read its settings.</p>
        <h3>What is wrong</h3>
        <ul>
          ${problems.map((problem) => html`<li class="problem trouble">${problem}</li>`)}
        </ul>
        <h3>What to do</h3>
        <p>
          Correct the app settings of the function app: in the Azure portal, open it and choose Settings, then
          Environment variables. Saving them restarts the app. Correct the parameters of the deployment too, because the
          next deployment sets every setting again.
        </p>
        <p><code>docs/settings.md</code> describes each setting, <code>docs/deploy.md</code> the parameters.</p>
      </section>
    </main>`;
  return renderDocument(`${wrong} · aks-windows-metrics`, body);
}
