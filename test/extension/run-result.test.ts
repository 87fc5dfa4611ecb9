import { describe, expect, test } from "vitest";
import contract from "../../shared/extension/contract.json" with { type: "json" };
import { failureCause, isSuccessText, parseEvidence } from "../../shared/extension/run-result.ts";
import { storedCause } from "../../shared/model/reason.ts";

const HANDLER = "DSC Configuration 'WindowsExporter' completed with error(s). Following are the first few: ";
const LCM =
  "PowerShell DSC resource MSFT_ScriptResource failed to execute Set-TargetResource functionality with error ";
const FROM_ARM =
  "VM has reported a failure when processing extension 'windows-exporter-dsc' (publisher 'Microsoft.Powershell' and " +
  "type 'DSC'). Error message: ";
const own = (cause: string, sentence: string): string => `aks-windows-metrics cause=${cause}: ${sentence}`;
const inHandler = (text: string): string => `${HANDLER}${LCM}message: ${text} The SendConfigurationApply function did`;
const PORT = own("node", "Port 9182 is held by other.exe (pid 200, C:\\other.exe).");
const SILENT = own("package", "http://127.0.0.1:9182/version does not answer: The operation has timed out.");

/** Messages of failures, with their cause. */
const MESSAGES: readonly (readonly [message: string, cause: string])[] = [
  [PORT, "node"],
  [inHandler(PORT), "node"],
  [`${FROM_ARM}"${inHandler(PORT)}".`, "node"],
  [`${PORT} ${PORT}`, "node"],
  [inHandler(SILENT), "package"],
  [own("installer-busy", "Another installation holds the Windows Installer (1618)."), "installer-busy"],
  [own("download", "VMExtensionProvisioningTimeout"), "download"],
  // Cut before the word, behind it, and in it.
  [`esource functionality with error message: ${PORT}`, "node"],
  ["… aks-windows-metrics cause=installer-busy", "installer-busy"],
  ["… aks-windows-metrics cause=inst", "installer-busy"],
  ["… aks-windows-metrics cause=n", "node"],
  // A host wraps lines at a space.
  ["… aks-windows-metrics\r\n    cause=node: Port 9182 …", "node"],
  // A word of another version, then a text of the handler.
  [`${own("weather", "Rain.")} Error downloading https://a/p.zip`, "download"],
  [
    "The DSC Extension failed to execute: Error downloading https://x/y.zip after 17 attempts: 404: Not Found",
    "download",
  ],
  [
    "Error unpacking 'x.zip'; verify this is a valid ZIP package. Error details: End of Central Directory …",
    "download",
  ],
  ["Error downloading https://x/y.zip after 2 attempts: There is not enough space on the disk.", "node"],
  [
    `${HANDLER}Cannot invoke the SendConfigurationApply method. The Consistency Check or Pull cmdlet is in progress and ` +
      "must return before SendConfigurationApply can be invoked.",
    "node",
  ],
  [
    "VM Extension 'a' is marked as failed since it depends upon the VM Extension 'vmssCSE' which has failed.",
    "dependency",
  ],
  ["Provisioning of VM extension 'windows-exporter-dsc' has timed out.", "agent"],
  ["VMExtensionProvisioningTimeout", "agent"],
  ["VM 'aksw1' has not reported status for VM agent or extensions.", "agent"],
  ["The VM agent is not reporting", "agent"],
  ["The VM agent is not ready.", "agent"],
  ["Handler Microsoft.Powershell.DSC did not report a status", "agent"],
  ["The DSC Extension failed to execute: Cannot validate argument on parameter 'Port'.", "package"],
  ["The DSC Extension received an incorrect input: Configuration.url is 'x'. This is not a valid URL", "package"],
  [inHandler("the MSI ended with 1603"), "package"],
  [`${LCM}message: the MSI ended with 1603`, "package"],
  [`${FROM_ARM}"x"`, "package"],
];

describe("the cause of a failure", () => {
  test.each(MESSAGES)("%s", (message, cause) => {
    expect(failureCause(message)).toBe(cause);
    expect(isSuccessText(message)).toBe(false);
  });

  test("is that of the package for an unknown text", () => {
    expect(failureCause("The operation has timed out")).toBe("package");
  });

  test("each text of the contract is in one of these messages, names its source, and is not hidden by an earlier one", () => {
    const first = MESSAGES.map(([message]) => contract.texts.findIndex(({ contains }) => message.includes(contains)));
    expect(contract.texts.filter((_text, index) => !first.includes(index))).toEqual([]);
    expect(contract.texts.filter(({ source }) => source.length < 20)).toEqual([]);
    expect(new Set(MESSAGES.map(([, cause]) => cause))).toEqual(new Set(storedCause.options));
  });
});

test.each(["DSC configuration was applied successfully.", "Enable succeeded.", ""])("'%s' is no failure", (message) => {
  expect(isSuccessText(message)).toBe(true);
});

const HASH = "0123456789abcdef".repeat(4);
const MARKER = "a38a127805e28223";
const lineOf = (metrics: string, hash = HASH, marker = MARKER): string =>
  contract.evidence.replace("{package}", hash).replace("{marker}", marker).replace("{metrics}", metrics);
/** Returns a line as the Local Configuration Manager logs it, between its own lines. */
const logOf = (line: string): string =>
  [
    "[2026-11-22 12:00:00Z] [VERBOSE] [AKSWIN1000000]: LCM:  [ Start  Test     ]  [[Script]Health]",
    `[2026-11-22 12:00:00Z] [VERBOSE] [AKSWIN1000000]:                            [[Script]Health] ${line}`,
    "[2026-11-22 12:00:01Z] [VERBOSE] [AKSWIN1000000]: LCM:  [ End    Test     ]  [[Script]Health]  in 0.4380 seconds.",
  ].join("\r\n");

describe("the evidence", () => {
  const ok = { package: HASH, marker: MARKER, metrics: "ok" };

  test("has the form that a release of the module cannot change", () => {
    expect(lineOf("ok")).toBe(`aks-windows-metrics package=${HASH} marker=${MARKER} metrics=ok`);
  });

  test.each([
    ["alone", [lineOf("ok")], ok],
    ["in a log", [logOf(lineOf("ok"))], ok],
    ["of an uninstalled exporter", [logOf(lineOf("absent"))], { ...ok, metrics: "absent" }],
    ["in the last text", ["", logOf(lineOf("absent")), logOf(lineOf("ok"))], ok],
    ["last in one text", [`${logOf(lineOf("absent"))}\r\n${logOf(lineOf("ok"))}`], ok],
    ["before one that was cut", [logOf(lineOf("ok")), logOf(lineOf("absent").slice(0, 40))], ok],
    ["before an empty text", [logOf(lineOf("ok")), ""], ok],
    ["wrapped at its spaces", [logOf(lineOf("ok").replaceAll(" ", "\r\n    "))], ok],
  ])("is read: %s", (_what, texts, evidence) => {
    expect(parseEvidence(texts)).toEqual(evidence);
  });

  test.each([
    ["no text", []],
    ["another text", ["DSC configuration was applied successfully."]],
    ["the line of an earlier module", [`aks-windows-metrics package=${HASH} healthy`]],
    ["a short hash", [lineOf("ok", HASH.slice(1))]],
    ["a long hash", [lineOf("ok", `${HASH}0`)]],
    ["a hash in upper case", [lineOf("ok", HASH.toUpperCase())]],
    ["a short marker", [lineOf("ok", HASH, MARKER.slice(1))]],
    ["a long marker", [lineOf("ok", HASH, `${MARKER}0`)]],
    ["a longer word", [lineOf("okay")]],
    ["another result", [lineOf("none")]],
    ["another product", [`my-${lineOf("ok")}`]],
    ["two halves in two texts", [lineOf("ok").slice(0, 50), lineOf("ok").slice(50)]],
  ])("is undefined for %s", (_what, texts) => {
    expect(parseEvidence(texts)).toBeUndefined();
  });

  test("is undefined for a line that was cut at any place", () => {
    const line = lineOf("absent");
    for (let length = 1; length < line.length; length++) {
      expect(parseEvidence([logOf(""), line.slice(0, length)])).toBeUndefined();
      expect(parseEvidence([line.slice(length)])).toBeUndefined();
    }
  });
});
