import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { findCollectorFaults, findConfigFaults, renderConfig } from "../../dsc/exporter-config.ts";

const TEMPLATE = readFileSync(new URL("../../dsc/config.yaml", import.meta.url), "utf8");
const render = (template: string): string => renderConfig(template, "# header", ["[defaults]", "textfile"]);
const faultsWith = (from: string, to: string): readonly string[] => {
  expect(TEMPLATE).toContain(from);
  return findConfigFaults(render(TEMPLATE.replace(from, () => to)));
};

test("the shipped template renders into a valid file with a placeholder only for the port", () => {
  const text = render(TEMPLATE);
  expect(findConfigFaults(text)).toEqual([]);
  expect(text).toContain('enabled: "[defaults],textfile"');
  expect(text.match(/\{\{\w+\}\}/g)).toEqual(["{{Port}}"]);
});

test("the textfile collector reads where the node's module writes", () => {
  const module = readFileSync(new URL("../../dsc/AksWindowsMetrics/AksWindowsMetrics.psm1", import.meta.url), "utf8");
  const folders = Array.from(module.matchAll(/\$env:ProgramFiles -ChildPath '([^']+)'/g), ([, name]) => name);
  const inputs = Array.from(module.matchAll(/MetricFolder = .* -ChildPath '([^']+)'/g), ([, name]) => name);
  expect([folders.length, inputs.length]).toEqual([1, 1]);
  expect(TEMPLATE).toContain(`directories:\n      - 'C:\\Program Files\\${folders[0]}\\${inputs[0]}'\n`);
});

test("a checkout with CRLF renders the same file", () => {
  expect(render(TEMPLATE.replaceAll("\n", "\r\n"))).toBe(render(TEMPLATE));
});

describe("rejects a configuration with", () => {
  test.each([
    ["an unknown key at the root", "log:", "logs:", "found the unknown key logs.level"],
    ["an unknown key of a collector", "volume-exclude:", "volume-exclud:", "collector.logical_disk.volume-exclud"],
    ["options of an unknown collector", "  service:", "  services:", "collector.services.include"],
    [
      "a dotted key in place of nested keys",
      "log:\n",
      '"log.format": json\nlog:\n',
      "found the unknown key 'log.format'",
    ],
    ["a key that only exists as a flag", "log:\n", 'collectors.disabled: "cs"\nlog:\n', "collectors.disabled"],
    ["an unknown collector", "{{Collectors}}", "{{Collectors}},cs", "unknown collector 'cs'"],
    ["a list instead of a text", "level: warn", "level: [warn]", 'log.level: found ["warn"], expected a text'],
    ["a text instead of a list", "directories:\n      - ", "directories: ", "expected a list of texts"],
    [
      "a level that the exporter refuses",
      "level: warn",
      "level: verbose",
      'log.level: found "verbose", expected one of',
    ],
    ["a format that the exporter refuses", "level: warn", "format: xml", 'log.format: found "xml", expected one of'],
    ["an unknown priority", "log:\n", "process:\n  priority: max\nlog:\n", 'process.priority: found "max"'],
    ["a memory limit of zero", "log:\n", 'process:\n  memory-limit: "0"\nlog:\n', "a number of bytes from 1"],
    ["a margin with a unit", "log:\n", "scrape:\n  timeout-margin: 1s\nlog:\n", "a number of seconds"],
    ["another path", "log:\n", "telemetry:\n  path: /prom\nlog:\n", "expected /metrics, which the module reads"],
    ["another folder", "textfile_inputs", "inputs", "textfile_inputs' among them"],
    ["an unknown counter version", "  textfile:", "  process:\n    counter-version: 3\n  textfile:", "one of 0, 1, 2"],
    ["a port of its own", ":{{Port}}", ":9182", "expected web.listen-address ':{{Port}}'"],
    ["another placeholder", "warn", '"{{Level}}"', "no other placeholder"],
    ["a key twice", "log:\n", "log:\n  level: info\n", "expected YAML"],
    ["invalid YAML", "log:", "log: [", "expected YAML"],
  ])("%s", (_, from, to, says) => {
    expect(faultsWith(from, to).join("\n")).toContain(says);
  });

  test.each([
    ["a byte order mark", `\uFEFF${render(TEMPLATE)}`],
    ["CRLF line endings", render(TEMPLATE).replaceAll("\n", "\r\n")],
  ])("%s", (_, text) => {
    expect(findConfigFaults(text)).toEqual(["config.yaml: expected lines that end with LF and no byte order mark"]);
  });
});

const REGEXES = ["logical_disk:\n    volume-exclude", "service:\n    include", "net:\n    nic-exclude"];
/** Returns the faults of a file that has an expression wherever the exporter reads one. */
const withPattern = (pattern: string): readonly string[] => {
  const rest = TEMPLATE.replace(/ {2}#.*\n/g, "").replace(/ {2}(?:logical_disk|service):\n.*\n/g, "");
  const lines = REGEXES.map((key) => `  ${key}: ${JSON.stringify(pattern)}\n`).join("");
  return findConfigFaults(render(rest.replace("collector:\n", () => `collector:\n${lines}`)));
};

test.each([
  "(?<=w)k.*",
  "(?!kubelet).*",
  String.raw`(.)\1`,
  "(kubelet|csi-proxy",
  "kubelet)|(csi-proxy",
  "a{1001}",
  "((a{100}){100}){100}",
  "a++",
  "*",
  "[z-a]",
  String.raw`\p{Windows}`,
  String.raw`kubelet\Q`,
  "kubelet\\",
  "(?x) kubelet",
  "(?P<a>k)(?P<a>l)",
])("rejects the expression %s, with which the exporter does not start", (pattern) => {
  expect(withPattern(pattern)).toEqual(
    REGEXES.map((key) => {
      const name = key.replace(/:\s+/, ".");
      return `config.yaml: collector.${name}: found ${JSON.stringify(pattern)}, expected a regular expression of RE2`;
    }),
  );
});

test.each([
  "",
  ".*",
  "(?i:kubelet)",
  "(?P<a>k)|[[:alpha:]]+",
  String.raw`\pL\x{10FFFF}\Qa(b\E\z`,
  "(?U)a+?",
  "a{1000}",
])("accepts the expression %s, which RE2 knows", (pattern) => {
  expect(withPattern(pattern)).toEqual([]);
});

/** Returns the known names that an error lists. */
const namedIn = (faults: readonly string[]): readonly string[] =>
  (/known in 0\.31\.8: (.*)$/.exec(faults[0] ?? "")?.[1] ?? "").split(", ").toSorted();

test("knows exactly the collectors and keys of windows_exporter 0.31.8", () => {
  const collectors = `[defaults] ad adcs adfs cache container cpu cpu_info dfsr dhcp diskdrive dns exchange filetime
    fsrmquota gpu hyperv iis license logical_disk memory mscluster msmq mssql net netframework nps os pagefile
    performancecounter physical_disk printer process remote_fx scheduled_task service smb smbclient smtp system tcp
    terminal_services textfile thermalzone time udp update vmware`;
  expect(namedIn(findCollectorFaults("here", ["none"]))).toEqual(collectors.split(/\s+/).toSorted());
  const top = `debug.enabled collectors.enabled log.level log.format log.file process.priority process.memory-limit
    scrape.timeout-margin telemetry.path web.disable-exporter-metrics web.listen-address web.config.file`;
  const ofCollectors = `logical_disk.volume-exclude net.nic-exclude process.cmdline process.counter-version
    service.include textfile.directories`;
  const keys = [...top.split(/\s+/), ...ofCollectors.split(/\s+/).map((key) => `collector.${key}`)];
  expect(namedIn(faultsWith("log:", "none:"))).toEqual(keys.toSorted());
});

test("rejects a template without a placeholder for the collectors", () => {
  expect(() => render(TEMPLATE.replace("{{Collectors}}", "cpu"))).toThrow("expected {{Collectors}}");
});
