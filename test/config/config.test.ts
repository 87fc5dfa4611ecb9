import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { ConfigError, readConfig } from "../../shared/config/config.ts";
import { parseDuration } from "../../shared/config/parsers.ts";
import { SETTINGS } from "../../shared/config/settings.ts";
import { CLUSTER_ID, hashOf, MINUTE } from "../build.ts";

const PACKAGES = "https://packages.blob.core.windows.net/dsc";
const OTHER_ID = CLUSTER_ID.replace("managedclusters/shop", "managedClusters/Other");
const good = {
  AKS_CLUSTER_IDS: CLUSTER_ID,
  PACKAGE_CONTAINER_URL: PACKAGES,
  AzureWebJobsStorage__accountName: "hoststore",
};

/** The problems of settings that are good but for these. */
function problemsOf(settings: Readonly<Record<string, string | undefined>>): readonly string[] {
  try {
    readConfig({ ...good, ...settings });
    return [];
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
}

test("the sample of local settings is taken as it stands, and changes nothing in a cluster", () => {
  const sample = readFileSync(new URL("../../local.settings.sample.json", import.meta.url), "utf8");
  const { Values }: { Values: Readonly<Record<string, string>> } = JSON.parse(sample);
  expect(readConfig(Values).MODE).toBe("observe");
});

describe("settings that are left out", () => {
  test("have the defaults that the design names", () => {
    expect(readConfig(good)).toEqual({
      AKS_CLUSTER_IDS: [CLUSTER_ID],
      PACKAGE_CONTAINER_URL: PACKAGES,
      STATE_CONTAINER_URL: "https://hoststore.blob.core.windows.net/aks-windows-metrics",
      MODE: "observe",
      POOLS: undefined,
      OWNER: "aks-windows-metrics",
      RESYNC_AFTER: 15 * MINUTE,
      UNINSTALL_POOLS: new Set(),
      CANARY_POOL: undefined,
      ROLLOUT_SOAK: 30 * MINUTE,
      ROLLOUT_BATCH: 5,
      RESTORE_BATCH: undefined,
      PACKAGE_ALLOWED: undefined,
      PACKAGE_ACCESS: "link",
      CLUSTER_CONCURRENCY: 8,
      GRAFANA_URL: undefined,
      ARM_ENDPOINT: "https://management.azure.com",
      SCRAPE_SOURCES: new Map(),
      SCRAPE_OBJECTS: "both",
      SCRAPE_NAMESPACE: "monitoring",
      SHRINK_GUARD: 0.5,
      ALLOW_CLUSTER_USER_CERTIFICATE: false,
    });
  });

  test("may as well be empty or blank", () => {
    expect(readConfig({ ...good, MODE: "", POOLS: " ", RESYNC_AFTER: "" })).toEqual(readConfig(good));
  });

  test.each([
    {
      when: "the host names its blob service",
      env: { AzureWebJobsStorage__blobServiceUri: "https://own.blob.core.windows.net/" },
      url: "https://own.blob.core.windows.net/aks-windows-metrics",
    },
    {
      when: "it is set",
      env: { STATE_CONTAINER_URL: "https://own.blob.core.windows.net/state/" },
      url: "https://own.blob.core.windows.net/state",
    },
  ])("have state in the right container when $when", ({ env, url }) => {
    expect(readConfig({ ...good, ...env }).STATE_CONTAINER_URL).toBe(url);
  });

  test("have the owner from the function app's name, unless it is set", () => {
    expect(readConfig({ ...good, WEBSITE_SITE_NAME: "app-1" }).OWNER).toBe("app-1");
    expect(readConfig({ ...good, WEBSITE_SITE_NAME: "app-1", OWNER: "team" }).OWNER).toBe("team");
  });
});

const BAD: readonly (readonly [name: string, found: string, expected: string])[] = [
  ["AKS_CLUSTER_IDS", "shop", "ids of managed clusters"],
  ["AKS_CLUSTER_IDS", `${CLUSTER_ID},${CLUSTER_ID}/agentPools/win1`, "ids of managed clusters"],
  ["AKS_CLUSTER_IDS", ",", "ids of managed clusters"],
  ["PACKAGE_CONTAINER_URL", "dsc", "https://ACCOUNT.blob.core.windows.net/CONTAINER"],
  ["PACKAGE_CONTAINER_URL", "http://packages.blob.core.windows.net/dsc", "https://ACCOUNT"],
  ["PACKAGE_CONTAINER_URL", "https://packages.blob.core.windows.net", "CONTAINER"],
  ["STATE_CONTAINER_URL", "https://own.blob.core.windows.net/", "CONTAINER"],
  ["MODE", "Install", "observe or install"],
  ["RESYNC_AFTER", "15m", "ISO 8601"],
  ["RESYNC_AFTER", "PT0S", "ISO 8601"],
  ["UNINSTALL_POOLS", "*,win2", "or * for all"],
  ["CANARY_POOL", "win1,win2", "the name of a Windows node pool"],
  ["CANARY_POOL", ",", "the name of a Windows node pool"],
  ["ROLLOUT_SOAK", "30m", "ISO 8601"],
  ["ROLLOUT_SOAK", "PT", "ISO 8601"],
  ["ROLLOUT_BATCH", "0", "a whole number from 1"],
  ["ROLLOUT_BATCH", "2.5", "a whole number from 1"],
  ["RESTORE_BATCH", "half", "a whole number from 1"],
  ["PACKAGE_ALLOWED", "latest", "SHA-256"],
  ["PACKAGE_ACCESS", "public", "link or anonymous"],
  ["CLUSTER_CONCURRENCY", "-1", "a whole number from 1"],
  ["ARM_ENDPOINT", "management.azure.com", "an https address"],
  ["GRAFANA_URL", "grafana.example", "an http or https address"],
  ["GRAFANA_URL", "javascript:alert(1)", "an http or https address"],
  ["GRAFANA_URL", "https://grafana.example/#panel", "an http or https address"],
  ["SCRAPE_SOURCES", "win1", "POOL=SOURCE"],
  ["SCRAPE_SOURCES", "win1=mine", "managed, native, external or off"],
  ["SCRAPE_OBJECTS", "endpoints", "both or slices"],
  ["SCRAPE_NAMESPACE", "Monitoring!", "a namespace's name"],
  ["SHRINK_GUARD", "50", "a share like 50%"],
  ["SHRINK_GUARD", "101%", "from 1% to 100%"],
  ["ALLOW_CLUSTER_USER_CERTIFICATE", "yes", "true or false"],
];

describe("settings that are set", () => {
  test("are read", () => {
    const config = readConfig({
      ...good,
      AKS_CLUSTER_IDS: ` ${CLUSTER_ID}, ${OTHER_ID}/;${CLUSTER_ID.toUpperCase()} `,
      PACKAGE_CONTAINER_URL: `${PACKAGES}/`,
      MODE: "install",
      POOLS: "Win1, win2",
      RESYNC_AFTER: "PT1H30M",
      ROLLOUT_BATCH: "3",
      RESTORE_BATCH: "20",
      PACKAGE_ALLOWED: `${"A".repeat(64)},${hashOf("b")}`,
      PACKAGE_ACCESS: "anonymous",
      CLUSTER_CONCURRENCY: "2",
      ARM_ENDPOINT: "https://localhost:7073/",
      SCRAPE_SOURCES: "Win1=native, win2=off",
      SCRAPE_OBJECTS: "slices",
      SCRAPE_NAMESPACE: "metrics",
      SHRINK_GUARD: "25%",
      ALLOW_CLUSTER_USER_CERTIFICATE: "true",
    });
    expect(config).toMatchObject({
      AKS_CLUSTER_IDS: [CLUSTER_ID, OTHER_ID.toLowerCase()],
      PACKAGE_CONTAINER_URL: PACKAGES,
      MODE: "install",
      POOLS: new Set(["win1", "win2"]),
      RESYNC_AFTER: 90 * MINUTE,
      ROLLOUT_BATCH: 3,
      RESTORE_BATCH: 20,
      PACKAGE_ALLOWED: new Set([hashOf("a"), hashOf("b")]),
      PACKAGE_ACCESS: "anonymous",
      CLUSTER_CONCURRENCY: 2,
      ARM_ENDPOINT: "https://localhost:7073",
      SCRAPE_SOURCES: new Map([
        ["win1", "native"],
        ["win2", "off"],
      ]),
      SCRAPE_OBJECTS: "slices",
      SCRAPE_NAMESPACE: "metrics",
      SHRINK_GUARD: 0.25,
      ALLOW_CLUSTER_USER_CERTIFICATE: true,
    });
  });

  test.each(BAD)("wrongly are named, with what was found and what was expected: %s '%s'", (name, found, expected) => {
    const [problem, ...more] = problemsOf({ [name]: found });
    expect(more).toEqual([]);
    expect(problem).toContain(`${name}: found '${found}', expected `);
    expect(problem).toContain(expected);
  });
});

describe("bad settings", () => {
  test("of the host are named by the setting whose default they are", () => {
    expect(problemsOf({ AzureWebJobsStorage__blobServiceUri: "http://own.blob.core.windows.net" })).toEqual([
      expect.stringMatching(
        /^STATE_CONTAINER_URL: found 'http:\/\/own\.blob\.core\.windows\.net\/aks-windows-metrics', exp/,
      ),
    ]);
  });

  test("are all named at once", () => {
    const names = [...new Set(BAD.map(([name]) => name))];
    const problems = problemsOf(Object.fromEntries(names.map((name) => [name, "?,?"])));
    expect(new Set(problems.map((each) => each.split(":")[0]))).toEqual(new Set(names));
    expect(problems).toHaveLength(names.length);
  });

  test("that are missing are named with what is expected", () => {
    const problems = problemsOf({
      AKS_CLUSTER_IDS: undefined,
      PACKAGE_CONTAINER_URL: " ",
      AzureWebJobsStorage__accountName: undefined,
    });
    expect(problems).toHaveLength(3);
    expect(problems.join("\n")).toMatch(/AKS_CLUSTER_IDS is not set, expected ids of managed clusters/);
    expect(problems.join("\n")).toMatch(/PACKAGE_CONTAINER_URL is not set, expected https:/);
    expect(problems.join("\n")).toMatch(/STATE_CONTAINER_URL is not set, and AzureWebJobsStorage__/);
  });

  test("are in the error's message too", () => {
    expect(() => readConfig({ ...good, MODE: "on", ROLLOUT_BATCH: "x" })).toThrow(
      /^bad app settings: MODE.*; ROLLOUT_/,
    );
  });

  test.each([
    { what: "a link's signature", text: `${PACKAGES}?sv=2026&sig=planted%2Bsecret` },
    { what: "a link's signature in capitals", text: `HTTPS://packages.blob.core.windows.net/dsc?SIG=planted` },
    { what: "a password", text: "https://user:planted@packages.blob.core.windows.net/dsc" },
  ])("are told without $what", ({ text }) => {
    const [problem] = problemsOf({ PACKAGE_CONTAINER_URL: text });
    expect(problem).toMatch(/^PACKAGE_CONTAINER_URL: found '/);
    expect(problem).not.toContain("planted");
  });
});

test("every setting can be wrong, but for those that take any text", () => {
  const named = new Set(BAD.map(([name]) => name));
  expect(Object.keys(SETTINGS.entries).filter((name) => !named.has(name))).toEqual(["POOLS", "OWNER"]);
});

test.each([
  ["PT1S", 1000],
  ["PT15M", 15 * MINUTE],
  ["PT2H", 120 * MINUTE],
  ["PT1H1M1S", 61 * MINUTE + 1000],
])("%s is %i ms", (text, ms) => {
  expect(parseDuration(text)).toBe(ms);
});
