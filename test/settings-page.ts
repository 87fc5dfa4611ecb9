import { readFileSync, writeFileSync } from "node:fs";
import { SETTINGS, type Setting } from "../shared/settings.ts";

/** `npm run settings` writes docs/settings.md from the table that the app reads; with `--check` it only compares. */

const PAGE = new URL("../docs/settings.md", import.meta.url);

/** What Azure and the Functions host set, and the app or its SDKs read; none of it is checked at the start. */
const PLATFORM: readonly (readonly [name: string, description: string])[] = [
  [
    "`AzureWebJobsStorage__accountName`, or `AzureWebJobsStorage__blobServiceUri`",
    "The storage account of the Functions host, reached with an identity. The app's own container is made there, unless `STATE_CONTAINER_URL` names another one. A connection string in `AzureWebJobsStorage` serves the host only.",
  ],
  [
    "`AzureWebJobsStorage__credential`, `AzureWebJobsStorage__clientId`",
    "Which identity the host itself uses for that account. The app does not read them.",
  ],
  [
    "`AZURE_CLIENT_ID`",
    "The client id of the user-assigned identity that the app uses for Azure. Without it the app uses the system-assigned one, or on a developer's machine whoever is signed in to the Azure CLI.",
  ],
  ["`IDENTITY_ENDPOINT`, `IDENTITY_HEADER`", "Set by Azure: where the app gets the tokens of its identity."],
  ["`WEBSITE_SITE_NAME`", "Set by Azure: the function app's name, the default of `OWNER`."],
];

/** The whole page, as it should be. */
export function settingsPage(): string {
  const rows = Object.entries<Setting<unknown>>(SETTINGS).map(([name, { expected, fallback, description }]) =>
    row(`\`${name}\``, defaultOf(fallback), expected, description),
  );
  return `${[
    "# Settings",
    "",
    "Made from `shared/settings.ts` by `npm run settings`. Do not edit it by hand.",
    "",
    "The app reads these app settings once, when a worker starts. If any of them is wrong, every function is still",
    "there: `resync` and `status` answer 500 with the list of all that is wrong, and the timers write the same list to their log.",
    "",
    row("setting", "default", "expected", "what it does"),
    row("---", "---", "---", "---"),
    ...rows,
    "",
    "## Set by the platform",
    "",
    row("setting", "what it does"),
    row("---", "---"),
    ...PLATFORM.map((cells) => row(...cells)),
  ].join("\n")}\n`;
}

function row(...cells: readonly string[]): string {
  return `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`;
}

function defaultOf(fallback: string | undefined): string {
  if (fallback === undefined) return "**required**";
  return fallback === "" ? "see right" : `\`${fallback}\``;
}

/** Whether docs/settings.md says what the code says. */
export function isCurrent(): boolean {
  return readPage().replaceAll("\r\n", "\n") === settingsPage();
}

function readPage(): string {
  try {
    return readFileSync(PAGE, "utf8");
  } catch {
    return "";
  }
}

if (import.meta.main) {
  if (!process.argv.includes("--check")) writeFileSync(PAGE, settingsPage());
  else if (!isCurrent()) {
    console.error("docs/settings.md is not what shared/settings.ts says: run `npm run settings`.");
    process.exitCode = 1;
  }
}
