import { spawn } from "node:child_process";

const PROGRAMS: Readonly<Record<string, readonly [program: string, ...args: string[]]>> = {
  darwin: ["open"],
  win32: ["cmd", "/c", "start", ""],
};

/** Opens an address in the browser, if the machine has one. */
export function openBrowser(url: string): void {
  const [program, ...args] = PROGRAMS[process.platform] ?? ["xdg-open"];
  const opened = spawn(program, [...args, url], { stdio: "ignore", detached: true });
  opened.on("error", () => console.log(`No browser was opened: ${program} does not start.`));
  opened.unref();
}
