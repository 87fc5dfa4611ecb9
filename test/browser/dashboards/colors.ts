import type { DashboardPanel } from "../../monitoring/dashboards.ts";
import type { Line } from "../../monitoring/panel-data.ts";

interface Color {
  readonly mode: string;
  readonly fixedColor?: string;
}

/** Returns the color of each line of a panel: its fixed one, a shade of its query's, or one by its highest value. */
export function colorsOf(panel: DashboardPanel, lines: readonly Line[]): readonly string[] {
  const { defaults, overrides = [] } = panel.fieldConfig ?? { defaults: {} };
  return lines.map((line) => {
    const refId = panel.targets[line.query]?.refId;
    const own = overrides.find(({ matcher }) => [line.name, refId].includes(String(matcher.options)));
    const color = own?.properties.find(({ id }) => id === "color")?.value as Color | undefined;
    if (color?.fixedColor === undefined) return byHeight(line, defaults.max);
    const same = lines.filter(({ query }) => query === line.query);
    return color.mode === "shades" ? shade(color.fixedColor, same.indexOf(line), same.length) : color.fixedColor;
  });
}

const YELLOW = [255, 238, 82] as const;
const RED = [242, 73, 92] as const;

function byHeight({ values }: Line, max = Math.max(...values, 0.1)): string {
  const share = Math.min(1, Math.max(...values) / max);
  return `rgb(${YELLOW.map((low, index) => Math.round(low + ((RED[index] ?? 0) - low) * share)).join(",")})`;
}

/** Mixes a color with white, the more the later its line is. */
function shade(color: string, index: number, count: number): string {
  const parts = [1, 3, 5].map((at) => Number.parseInt(color.slice(at, at + 2), 16));
  const white = count < 2 ? 0 : (0.6 * index) / (count - 1);
  return `rgb(${parts.map((part) => Math.round(part + (255 - part) * white)).join(",")})`;
}
