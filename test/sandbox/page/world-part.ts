import { type Html, html } from "../../../shared/report/html.ts";
import { isAksAtRest } from "../invariants.ts";
import type { WorldView } from "../view.ts";

type Color = "trouble" | "waiting" | "working" | "well" | "apart";
type ClusterView = WorldView["clusters"][number];
type ScaleSetView = WorldView["scaleSets"][number];
type InstanceView = ScaleSetView["instances"][number];

/** Renders the cluster's Windows pools and nodes as Azure and Kubernetes have them. */
export function renderWorld(view: WorldView): Html {
  const { conditions, clusters } = view;
  const holds =
    conditions.length > 0 ? html`<p class="notice">Until you take it back: ${conditions.join("; ")}.</p>` : "";
  return html`${clusters.map((cluster) => renderState(view, cluster))} ${holds}
  ${clusters.flatMap(({ pools }) => pools.filter(({ os }) => os === "Windows").map((pool) => renderPool(view, pool)))}`;
}

function renderState(view: WorldView, { name, state, powerState }: ClusterView): Html {
  return html`<h2>The cluster ${name} <span class="mute">as Azure and Kubernetes have it</span></h2>
    <p>
      ${isAksAtRest(state) ? "AKS is at rest" : chip("waiting", `AKS: ${state}`)} ·
      ${powerState === "Stopped" ? html`${chip("apart", "stopped")} · ` : ""}published package
      ${versionOf(view, view.package.current)}
    </p>`;
}

function renderPool(view: WorldView, pool: ClusterView["pools"][number]): Html {
  const set = view.scaleSets.find(({ name }) => name === pool.scaleSet);
  const extensions = set?.extensions.map(({ name }) => name) ?? [];
  const has = extensions.length > 0 ? `model has ${extensions.join(", ")}` : "model has no extension but AKS's";
  return html`<h3>
      ${pool.name}
      ${isAksAtRest(pool.state) ? html`<span class="mute">AKS is at rest</span>` : chip("waiting", `AKS: ${pool.state}`)}
    </h3>
    <p class="mute">image ${set?.image ?? ""} · ${has}</p>
    <ul class="machines">
      ${set?.instances.map((instance) => renderNode(view, set, instance)) ?? ""}
    </ul>`;
}

function renderNode(view: WorldView, set: ScaleSetView, instance: InstanceView): Html {
  const { id, node, power, image } = instance;
  const chips = power === "running" ? [exporter(view, instance), publication(instance)] : [chip("apart", power)];
  return html`<li>
    <button type="button" class="pick" data-pick="${set.name}/${id}" title="Choose this node below">${node}</button>
    <span class="chips">${image === set.image ? "" : chip("apart", `image ${image}`)}${chips}</span>
  </li>`;
}

function exporter(view: WorldView, { extension, package: hash, exporter }: InstanceView): Html {
  if (exporter) return chip("well", `:9182 answers, ${versionOf(view, hash)}`);
  const words = { transitioning: chip("working", "installing"), failed: chip("trouble", "installation failed") };
  return words[extension as keyof typeof words] ?? chip("trouble", "no exporter");
}

function publication({ published }: InstanceView): Html {
  if (published === "ready") return chip("well", "scraped");
  return published === "no" ? chip("apart", "not published") : chip("waiting", "published, not ready");
}

function chip(color: Color, text: string): Html {
  return html`<span class="badge ${color}">${text}</span>`;
}

function versionOf({ package: { versions } }: WorldView, hash: string | null): string {
  return versions[hash ?? ""] ?? String(hash).slice(0, 8);
}
