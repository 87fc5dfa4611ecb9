import { execFileSync } from "node:child_process";
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { commandsOn, OVERLAYS, readmeOf } from "../real/overlays.ts";

const pwsh = process.env["PWSH"] ?? "";
const PAGES = ["docs/prometheus.md", ...OVERLAYS.map(readmeOf)];
const COMMANDS = PAGES.flatMap(commandsOn);
/** A word that bash, zsh and PowerShell pass on as it is: without a special character, or in single quotes. */
const WORD = /^(?:[\w./:=-]+|'[^'"`$\\]+')$/;

describe("the commands for Prometheus mean the same in every shell", () => {
  test.each(COMMANDS)("%s", (command) => {
    const [program, ...words] = command.match(/'[^']*'|[^\s']+/g) ?? [];
    expect(program).toBe("kubectl");
    expect(words.filter((word) => !WORD.test(word))).toEqual([]);
    expect([program, ...words].join(" ")).toBe(command);
  });

  describe.skipIf(pwsh === "" || process.platform === "win32")("under PWSH", () => {
    const folder = mkdtempSync(path.join(tmpdir(), "shells-"));
    afterAll(() => rmSync(folder, { recursive: true }));

    test("PowerShell passes the same arguments as sh", () => {
      const printer = path.join(folder, "kubectl");
      writeFileSync(printer, String.raw`#!/bin/sh${"\n"}printf '<%s>\n' "$@"`);
      chmodSync(printer, 0o755);
      const script = path.join(folder, "commands.ps1");
      writeFileSync(script, `${COMMANDS.join("\n")}\n`);
      const env = { ...process.env, PATH: `${folder}${path.delimiter}${process.env["PATH"]}` };
      const inSh = execFileSync("sh", [script], { env, encoding: "utf8" });
      const inPowerShell = execFileSync(pwsh, ["-NoProfile", "-NonInteractive", "-File", script], {
        env,
        encoding: "utf8",
      });
      expect(inPowerShell.split(/\r?\n/)).toEqual(inSh.split("\n"));
      expect(inSh).toContain("<spec: {serviceDiscoveryRole: EndpointSlice}>");
    });
  });
});
