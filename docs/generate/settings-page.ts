import { describeSettings, type SettingInfo } from "../../shared/config/setting-info.ts";
import { markdownTable } from "./markdown-table.ts";

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
    "The client id of the user-assigned identity that the app uses for Azure. Without it the app uses the system-assigned one, or on a developer's machine the account that is signed in to the Azure CLI.",
  ],
  ["`IDENTITY_ENDPOINT`, `IDENTITY_HEADER`", "Set by Azure: where the app gets the tokens of its identity."],
  ["`WEBSITE_SITE_NAME`", "Set by Azure: the function app's name, the default of `OWNER`."],
];

/** docs/settings.md, from the table that the app reads. */
export function settingsPage(): string {
  const rows = describeSettings().map((setting) => [
    `\`${setting.name}\``,
    defaultOf(setting),
    setting.expected,
    setting.description,
  ]);
  return `${[
    "# Settings",
    "",
    "Made from `shared/config/settings.ts` by `npm run pages`. Do not edit it by hand.",
    "",
    "The app reads these app settings once, when a worker starts. If any of them is wrong, every function is still",
    "there: `resync` and `status` answer 500 with the list of all that is wrong, and the timers write the same list to their log.",
    "",
    ...markdownTable(["setting", "default", "expected", "what it does"], rows),
    "",
    "## Set by the platform",
    "",
    ...markdownTable(["setting", "what it does"], PLATFORM),
  ].join("\n")}\n`;
}

function defaultOf({ isRequired, fallback }: SettingInfo): string {
  if (isRequired) return "**required**";
  return fallback ? `\`${fallback}\`` : "see right";
}
