import { readFileSync } from "node:fs";

/** A metric of windows_exporter 0.31.8, as its source describes it. */
export interface ExporterMetric {
  readonly name: string;
  readonly collector: string;
  readonly type: "counter" | "gauge";
  readonly labels: readonly string[];
}

/** Returns every metric of windows_exporter 0.31.8, sorted by name. Throws an error if a row has an unknown type. */
export function readExporterTable(): readonly ExporterMetric[] {
  const file = new URL("../fixtures/windows-exporter-0.31.8-metrics.tsv", import.meta.url);
  const [, ...rows] = readFileSync(file, "utf8").trim().split("\n");
  return rows.map((row) => {
    const [name = "", collector = "", type = "", labels = ""] = row.split("\t");
    if (type !== "counter" && type !== "gauge") throw new Error(`${name}: found type '${type}'`);
    return { name, collector, type, labels: labels === "" ? [] : labels.split(",") };
  });
}
