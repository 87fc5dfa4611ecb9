import { afterEach, expect, test } from "vitest";
import { makePackage, publish } from "../packages.ts";
import { instanceStates, reportText, openPasses, type Passes, setVerdicts } from "../passes.ts";
import { extensionOf, isWrite } from "../sandbox/view.ts";
import { SHOP, type WorldOptions } from "../world.ts";

let passes: Passes | undefined;
afterEach(async () => {
  await passes?.world.stop();
  passes = undefined;
});

async function open(options: WorldOptions = {}): Promise<Passes> {
  passes = await openPasses({
    cluster: { ...SHOP, pools: [{ name: "win1", os: "Windows", count: 3, image: "20348.3000" }] },
    ...options,
  });
  return passes;
}

const writesOf = ({ world }: Passes): number =>
  world.arm.journal.filter(({ who, method, action }) => who === "app" && isWrite({ method, action })).length;
const setOf = ({ world }: Passes) => {
  const [scaleSet] = world.arm.world.scaleSets;
  if (!scaleSet) throw new Error("no scale set");
  return scaleSet;
};

test("writes nothing with node resource group lockdown, and reports how to unlock it", async () => {
  const opened = await open({ cluster: { ...SHOP, restrictionLevel: "ReadOnly" } });
  const report = await opened.pass();
  expect(setVerdicts(report)).toEqual([
    "win1 refused node-resource-group-locked",
    "win2 refused node-resource-group-locked",
  ]);
  expect(reportText(report).verdicts.join("\n")).toMatch(/is locked \(restrictionLevel ReadOnly\)/);
  expect(writesOf(opened)).toBe(0);
});

test("writes nothing if the scale set already has another DSC extension", async () => {
  const opened = await open();
  const foreign = {
    name: "corp-dsc",
    properties: { publisher: "microsoft.powershell", type: "dsc", typeHandlerVersion: "2.77" },
  };
  setOf(opened).virtualMachineProfile.extensionProfile.extensions.push(foreign);
  const report = await opened.pass();
  expect(setVerdicts(report)).toEqual(["win1 refused foreign-extension"]);
  expect(reportText(report).verdicts[0]).toContain("corp-dsc");
  expect(writesOf(opened)).toBe(0);
});

test("does not touch an extension of another owner until seven days after it was last seen", async () => {
  const opened = await open({ settings: { OWNER: "first" } });
  await opened.live(12);
  await opened.world.stop();
  passes = undefined;
  const entry = setOf(opened).virtualMachineProfile.extensionProfile.extensions.at(-1);
  const second = await open({ settings: { OWNER: "second" } });
  if (entry) setOf(second).virtualMachineProfile.extensionProfile.extensions.push(entry);
  expect(setVerdicts(await second.pass())).toEqual(["win1 refused other-owner"]);
  setOf(second).virtualMachineProfile.extensionProfile.extensions.pop();
  await second.world.clock.advance(6 * 86_400_000);
  expect(setVerdicts(await second.pass())).toEqual(["win1 refused other-owner"]);
  expect(writesOf(second)).toBe(0);
  await second.world.clock.advance(86_400_000);
  expect(setVerdicts(await second.pass())).toEqual(["win1 acting missing"]);
});

test.each([
  {
    what: "is missing",
    spoil: async ({ world }: Passes) => world.packageContainer.deleteBlob("current.json"),
    says: "current.json is missing",
  },
  {
    what: "is not JSON",
    spoil: async ({ world }: Passes) =>
      world.packageContainer.getBlockBlobClient("current.json").uploadData(Buffer.from("<html>")),
    says: "expected JSON",
  },
  {
    what: "names a missing zip",
    spoil: async ({ world }: Passes) => world.packageContainer.deleteBlob(`${world.package.hash}.zip`),
    says: "is missing in the package container",
  },
  {
    what: "names a zip with different content",
    spoil: async ({ world }: Passes) =>
      world.packageContainer
        .getBlockBlobClient(`${world.package.hash}.zip`)
        .uploadData(Buffer.from("PK something else")),
    says: "is not the hash in its name",
  },
])("refuses a manifest that $what", async ({ spoil, says }) => {
  const opened = await open();
  await spoil(opened);
  const report = await opened.pass();
  expect(setVerdicts(report)).toEqual(["win1 refused package-unusable"]);
  expect(reportText(report).verdicts.join("\n")).toContain(says);
  expect(writesOf(opened)).toBe(0);
});

test("refuses a package that is not in PACKAGE_ALLOWED", async () => {
  const opened = await open({ settings: { PACKAGE_ALLOWED: "a".repeat(64) } });
  const report = await opened.pass();
  expect(setVerdicts(report)).toEqual(["win1 refused package-unusable"]);
  expect(writesOf(opened)).toBe(0);
});

test("keeps the last package and renews its link if the manifest is missing", async () => {
  const opened = await open();
  await opened.live(12);
  await opened.world.packageContainer.deleteBlob("current.json");
  await opened.world.clock.advance(4 * 86_400_000);
  const report = await opened.pass();
  expect(setVerdicts(report)).toEqual(["win1 acting link-expiring"]);
  expect(report.outcomes.map(({ status }) => status)).toEqual(["submitted"]);
  expect(report.plan.verdicts[0]).toMatchObject({ state: "package-unusable" });
});

test("plans but writes nothing with MODE observe", async () => {
  const opened = await open({ settings: { MODE: "observe" } });
  const reports = await opened.live(20);
  expect(new Set(reports.flatMap(({ outcomes }) => outcomes.map(({ reason }) => reason)))).toEqual(
    new Set(["observe-only"]),
  );
  expect(writesOf(opened)).toBe(0);
  const published = await opened.publish();
  const [extension, endpoints] = [reports.at(-1), published].map((each) => each?.plan.verdicts[0]);
  expect(extension).toMatchObject({
    state: "planned",
    reason: "observe-only",
    message: "the next action is put-extension (added)",
  });
  expect(endpoints).toMatchObject({ state: "planned", reason: "observe-only" });
  expect([...reports, published].flatMap(({ plan }) => plan.verdicts.map(({ state }) => state))).not.toContain(
    "acting",
  );
});

const CAUSES = {
  package: ": failed, because the package failed;",
  "not-healthy": ": failed, because the package failed;",
  node: ": failed, because the node prevented the installation;",
  "installer-busy": ": failed, because another installation was running on the node;",
  download: ": failed, because the package could not be downloaded;",
} as const;

test.each(["package", "not-healthy", "node", "installer-busy", "download", "agent"] as const)(
  "reports a canary failure with cause %s, and without the link",
  async (cause) => {
    const opened = await open();
    opened.world.arm.failExtension({ scaleSet: "akswin1", instanceId: "0", cause, times: 9 });
    const reports = await opened.live(60);
    const words = reports.map(reportText);
    const said = words.flatMap(({ verdicts }) => verdicts).join("\n");
    const failed = { agent: "", ...CAUSES }[cause];
    expect(said).toContain(`instance akswin1000000${failed}`);
    expect(JSON.stringify(reports)).not.toMatch(/sig=[^(]/);
    const others = setOf(opened)
      .instances.slice(1)
      .map((each) => extensionOf(each)?.state);
    // A failed package stops the rollout; a machine's own failure does not.
    expect(others).toEqual(
      cause === "package" || cause === "not-healthy" ? [undefined, undefined] : ["succeeded", "succeeded"],
    );
  },
);

test("tries a new package on one instance first, even after the canary of the previous one failed", async () => {
  const opened = await open();
  opened.world.arm.failExtension({ scaleSet: "akswin1", instanceId: "0", cause: "package", times: 1 });
  await opened.live(20);
  await publish(opened.world.packageContainer, makePackage("0.31.9", [opened.world.package.hash]));
  await opened.live(30);
  const upgrades = opened.world.arm.journal
    .filter(({ path }) => path.endsWith("/manualupgrade"))
    .map(({ body }) => body);
  expect(upgrades).toEqual([{ instanceIds: ["0"] }, { instanceIds: ["0"] }, { instanceIds: ["1", "2"] }]);
  expect(instanceStates(await opened.pass())).toEqual({ current: 3 });
});

test("waits for the time in Retry-After when ARM returns 429", async () => {
  const opened = await open();
  const throttled = {
    status: 429,
    headers: { "retry-after": "600" },
    body: { error: { code: "OperationNotAllowed", message: "too many requests" } },
  };
  opened.world.arm.faults.push({ match: (method) => method === "PUT", times: 2, ...throttled });
  const first = await opened.pass();
  expect(first.outcomes[0]).toMatchObject({ status: "failed", error: { fault: "throttled", retryAfterMs: 600_000 } });
  const reports = await opened.live(9);
  expect(new Set(reports.flatMap(setVerdicts))).toEqual(new Set(["win1 waiting throttled"]));
  const outcomes = (await opened.live(3)).flatMap((each) => each.outcomes);
  expect(outcomes.map(({ action, status }) => `${action.kind} ${status}`)).toContain("put-extension failed");
});
