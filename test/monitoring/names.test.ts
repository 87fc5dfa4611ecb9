import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { checkExpression } from "./expression-faults.ts";
import { SCRAPED } from "./known-metrics.ts";
import { KNOWN as known, own } from "./known-recordings.ts";
import { ruleFiles } from "./rule-files.ts";

/** Names that windows_exporter had before 0.31, with what it has now. */
const RENAMED = {
  windows_os_visible_memory_bytes: "windows_memory_physical_total_bytes",
  windows_cs_physical_memory_bytes: "windows_memory_physical_total_bytes",
  windows_os_physical_memory_free_bytes: "windows_memory_physical_free_bytes",
  windows_system_boot_time_timestamp_seconds: "windows_system_boot_time_timestamp",
  windows_system_system_up_time: "windows_system_boot_time_timestamp",
  windows_cs_logical_processors: "windows_cpu_logical_processor",
  windows_os_paging_free_bytes: "windows_pagefile_free_bytes",
  windows_os_paging_limit_bytes: "windows_pagefile_limit_bytes",
  windows_os_timezone: "windows_time_timezone",
  windows_service_status: "windows_service_state",
  windows_net_interface_status: "windows_net_nic_operation_status",
  windows_system_exceptions_total: "windows_system_exception_dispatches_total",
  windows_time_clock_frequency_adjustment_ppb_total: "windows_time_clock_frequency_adjustment_ppb",
};

const compat = ruleFiles
  .filter(({ name }) => name === "compat.yaml")
  .flatMap(({ groups }) => groups.flatMap((group) => group.rules));

const asked = (name: string): readonly string[] => checkExpression(`${name}{job="windows-exporter"}`, known).faults;

describe("expressions", () => {
  test.each(own.map((rule) => ({ ...rule, name: rule.alert ?? rule.record })))(
    "$name has only known metrics and labels",
    ({ expr }) => {
      expect(checkExpression(expr, known).faults).toEqual([]);
    },
  );

  test.each(compat)("$record is made of what the exporter has", ({ expr }) => {
    expect(checkExpression(expr, SCRAPED).faults).toEqual([]);
  });

  test("compat.yaml records only names that are gone", () => {
    expect(compat.filter(({ record = "" }) => !(record in RENAMED))).toEqual([]);
  });

  test.each(Object.entries(RENAMED))("%s is unknown, %s is known", (before, after) => {
    expect(asked(before)).toContain(`unknown metric ${before}`);
    expect(asked(after)).toEqual([]);
  });

  test("the package writes the metric that a rule reads", () => {
    const script = readFileSync(new URL("../../dsc/AksWindowsMetrics/PackageMetric.ps1", import.meta.url), "utf8");
    expect(script).toContain("$name = 'aks_windows_metrics_package_info'");
    expect(script).toMatch(/version=.*,package=/);
  });
});

const JOB = 'job="windows-exporter"';

test.each([
  [`rate(windows_memory_commit_limit{${JOB}}[5m])`, "rate of windows_memory_commit_limit, which is no counter"],
  [
    `predict_linear(windows_cpu_time_total{${JOB}}[5m], 60)`,
    "predict_linear of windows_cpu_time_total, which is no gauge",
  ],
  [`windows_cpu_time_total{${JOB},cpu="0"}`, "windows_cpu_time_total: no label cpu"],
  [`sum by (node, volume) (windows_cpu_time_total{${JOB}})`, "sum: no label volume"],
  [`max by (node) (up{${JOB}}) unless on (cluster) up{${JOB}}`, "on: no label cluster"],
  [`up{${JOB}} unless on (pool) up{${JOB}}`, "on: no label pool"],
  ["windows_cpu_time_total", "windows_cpu_time_total is asked of job undefined"],
  ['kube_node_info{job="windows-exporter"}', "kube_node_info is asked of job windows-exporter"],
  [`sum without (core) (windows_cpu_time_total{${JOB}})`, "an aggregation without by"],
  ['aks_windows_metrics_instances{state="broken"}', "the app has no state broken"],
  ['aks_windows_metrics_instances{state=~"failed|broken"}', "the app has no state broken"],
  ['aks_windows_metrics_node_status{reason="tired"}', "the app has no reason tired"],
  [`up{${JOB}} * on (node) group_left (version) up{${JOB}}`, "group_left: no label version"],
  [`sum by (volume) (topk(3, up{${JOB}}))`, "sum: no label volume"],
  ["aks_windows_metrics_build_info * on (cluster) aks_windows_metrics_nodes", "on: no label cluster"],
  [`sum(up{${JOB}}`, "syntax: "],
])("%s has the fault: %s", (expression, fault) => {
  expect(checkExpression(expression, known).faults).toContain(fault);
});
