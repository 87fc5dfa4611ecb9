import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { readConfig } from "../../shared/config/config.ts";
import { describeSettings } from "../../shared/config/setting-info.ts";
import { settingsOf } from "../deployed/deployment.ts";
import { runtimeValues } from "../deployed/runtime-values.ts";
import { readSnapshot, resourcesOf, SNAPSHOTS } from "../deployed/snapshot.ts";

/** Settings that the platform, the host or an SDK reads. The app also reads the host's storage and the client ID. */
const PLATFORM = [
  "APPLICATIONINSIGHTS_AUTHENTICATION_STRING",
  "APPLICATIONINSIGHTS_CONNECTION_STRING",
  "AZURE_CLIENT_ID",
  "AZURE_TOKEN_CREDENTIALS",
  "AzureWebJobsDisableHomepage",
  "AzureWebJobsStorage__accountName",
  "AzureWebJobsStorage__blobServiceUri",
  "AzureWebJobsStorage__clientId",
  "AzureWebJobsStorage__credential",
];
const values = runtimeValues({
  oid: "oid",
  clientId: "client",
  blobsOf: (name) => `https://${name}.blob.core.windows.net`,
});
const deployedIn = (name: (typeof SNAPSHOTS)[number]) => settingsOf(readSnapshot(name), values);

describe.each(SNAPSHOTS)("the app settings of %s", (name) => {
  test("are all known, and include the required ones", () => {
    const known = new Set([...describeSettings().map((each) => each.name), ...PLATFORM]);
    const deployed = Object.keys(deployedIn(name));
    expect(deployed.filter((each) => !known.has(each))).toEqual([]);
    const required = describeSettings().filter((each) => each.isRequired);
    expect(required.map((each) => each.name).filter((each) => !deployed.includes(each))).toEqual([]);
    expect(PLATFORM.filter((each) => !deployed.includes(each))).toEqual([]);
  });

  test("are valid for the app, and name the deployed containers", () => {
    const snapshot = readSnapshot(name);
    const [host, packages] = resourcesOf(snapshot, "Microsoft.Storage/storageAccounts").map((each) => each.name);
    const config = readConfig(deployedIn(name));
    expect(config.STATE_CONTAINER_URL).toBe(`https://${host}.blob.core.windows.net/aks-windows-metrics`);
    expect(config.PACKAGE_CONTAINER_URL).toBe(`https://${packages}.blob.core.windows.net/packages`);
    const containers = resourcesOf(snapshot, "Microsoft.Storage/storageAccounts/blobServices/containers");
    expect(
      containers.map(({ id }) =>
        id
          .split("/")
          .slice(-5)
          .filter((_, at) => at % 4 === 0),
      ),
    ).toEqual(
      expect.arrayContaining([
        [host, "aks-windows-metrics"],
        [packages, "packages"],
      ]),
    );
  });

  test("contain none that Flex Consumption rejects, and no connection string of a storage account", () => {
    const text = JSON.stringify(deployedIn(name));
    expect(text).not.toMatch(/AccountKey=|SharedAccessSignature|"AzureWebJobsStorage"/);
    expect(text).not.toMatch(/"(WEBSITE_|FUNCTIONS_WORKER_RUNTIME|FUNCTIONS_EXTENSION_VERSION)/);
  });
});

test("the type OptionalSettings has exactly the optional settings, except MODE, which is a separate parameter", () => {
  const types = readFileSync(new URL("../../infra/types.bicep", import.meta.url), "utf8");
  const [, body = ""] = /^type OptionalSettings = \{$([^]*?)^\}$/m.exec(types) ?? [];
  const typed = [...body.matchAll(/^ {2}([A-Z_]+):/gm)].map(([, name = ""]) => name);
  const optional = describeSettings().filter(({ name, isRequired }) => !isRequired && name !== "MODE");
  expect(typed.toSorted()).toEqual(optional.map(({ name }) => name).toSorted());
});

test("an optional setting is deployed only if it is given", () => {
  expect(deployedIn("fleet")).toMatchObject({ POOLS: "win1,win2", SCRAPE_SOURCES: "win2=native" });
  expect(Object.keys(deployedIn("sandbox")).filter((name) => !PLATFORM.includes(name))).toEqual([
    "AKS_CLUSTER_IDS",
    "MODE",
    "PACKAGE_CONTAINER_URL",
  ]);
});
