import type { Builder } from "@grafana/grafana-foundation-sdk/cog";
import type { Dashboard, DashboardBuilder, Panel } from "@grafana/grafana-foundation-sdk/dashboard";
import { built } from "./panels.ts";

/** A row of a dashboard: columns beside each other, each of panels below each other. */
export type Row = readonly (readonly Builder<Panel>[])[];

/** Returns a row of panels beside each other. */
export function beside(panels: readonly Builder<Panel>[]): Row {
  return panels.map((panel) => [panel]);
}

/** Builds a dashboard with the rows below each other. */
export function buildWith(builder: DashboardBuilder, rows: readonly Row[]): Dashboard {
  let [id, top] = [0, 0];
  for (const row of rows) {
    let [left, bottom] = [0, top];
    for (const column of row) {
      let [y, right] = [top, left];
      for (const panel of column.map((each) => each.build())) {
        const { w, h } = panel.gridPos ?? { w: 12, h: 8 };
        id += 1;
        builder.withPanel(built({ ...panel, id, gridPos: { x: left, y, w, h } }));
        y += h;
        right = Math.max(right, left + w);
        bottom = Math.max(bottom, y);
      }
      left = right;
    }
    top = bottom;
  }
  return builder.build();
}
