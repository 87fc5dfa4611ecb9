import type { Chart } from "./draw-panel.ts";

export function axisLabel(value: number, unit: string): string;

export function drawCharts(charts: Readonly<Record<string, Chart>>, label: typeof axisLabel): void;
