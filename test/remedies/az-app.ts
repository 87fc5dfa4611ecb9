import { RestError } from "@azure/core-rest-pipeline";
import { onlyResourceOf, resourcesOf } from "../deployed/snapshot.ts";
import { openBlobs, storageToken } from "../packages.ts";
import { same } from "../simulators/arm/world.ts";
import { DEPLOYED } from "../world.ts";
import { type AzCall, type AzCommands, AzError, choice, one } from "./az-command.ts";

/** The function app, its storage accounts, and the operator's tokens. */
export const APP_COMMANDS: AzCommands = {
  "account get-access-token": {
    options: { resource: "required", tenant: "optional" },
    run: async (call) => ({
      accessToken: call.world.operatorToken(one(call, "resource")),
      expires_on: Math.floor(call.world.clock.now() / 1000) + 3600,
      tokenType: "Bearer",
    }),
  },
  "storage account show": { options: { name: "required", "resource-group": "optional" }, run: showAccount },
  "storage blob lease break": {
    options: {
      "account-name": "required",
      "container-name": "required",
      "blob-name": "required",
      "auth-mode": "required",
      "lease-break-period": "optional",
    },
    run: breakLease,
  },
  "functionapp list": {
    options: { "resource-group": "optional" },
    run: async () => resourcesOf(DEPLOYED, "Microsoft.Web/sites").map(({ id, name }) => ({ id, name })),
  },
  "functionapp config appsettings set": {
    options: { name: "optional", "resource-group": "optional", ids: "values", settings: "list" },
    run: setAppSettings,
  },
};

async function showAccount(call: AzCall): Promise<unknown> {
  const accounts = resourcesOf(DEPLOYED, "Microsoft.Storage/storageAccounts");
  const found = accounts.find(({ id, name }) => same(name, one(call, "name")) && isInGroup(call, id));
  if (!found) throw new AzError(`The storage account '${one(call, "name")}' was not found.`);
  const { id, name, location } = found;
  return { id, name, location };
}

function isInGroup(call: AzCall, id: string): boolean {
  return !call.options.has("resource-group") || same(id.split("/")[4], one(call, "resource-group"));
}

/** Breaks a lease; without a break period it lasts for its remaining time. Returns the remaining seconds. */
async function breakLease(call: AzCall): Promise<unknown> {
  // The accounts allow no keys, which the real one would use.
  choice(call, "auth-mode", ["login"]);
  const url = `${call.world.azurite.urlOf(one(call, "account-name"))}/${one(call, "container-name")}`;
  const blob = openBlobs(url, storageToken(call.world)).getBlobClient(one(call, "blob-name"));
  try {
    const broken = await blob.getBlobLeaseClient().breakLease(Number(one(call, "lease-break-period") || 60));
    return broken.leaseTime ?? 0;
  } catch (error) {
    if (!(error instanceof RestError)) throw error;
    throw new AzError(`${error.message}\nErrorCode:${error.code}`);
  }
}

async function setAppSettings(call: AzCall): Promise<unknown> {
  const { id, name } = onlyResourceOf(DEPLOYED, "Microsoft.Web/sites");
  const isNamed = call.options.has("resource-group") && same(name, one(call, "name")) && isInGroup(call, id);
  if (!isNamed && !same(id, one(call, "ids"))) {
    throw new AzError(`(ResourceNotFound) The Resource 'Microsoft.Web/sites/${one(call, "name")}' was not found.`);
  }
  for (const setting of call.options.get("settings") ?? []) {
    const [key = "", ...rest] = setting.split("=");
    if (rest.length === 0) throw new AzError(`Invalid setting format: '${setting}'. Expected format: SETTING=VALUE.`);
    call.appSettings[key] = rest.join("=");
  }
  return Object.keys(call.appSettings).map((key) => ({ name: key, slotSetting: false, value: null }));
}
