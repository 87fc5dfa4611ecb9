import { afterAll, expect, test } from "vitest";
import { openBlobs, storageToken } from "../packages.ts";
import { openWorld } from "../world.ts";

const world = await openWorld();
afterAll(() => world.stop());

test("no log, response, report or memory contains a link, key or token, even if every call returns one", async () => {
  const host = await world.load(() => import("../../functions/main.ts"));
  // The handler's failure contains the link, and ARM's response to a PUT repeats protected settings.
  world.arm.failExtension({ scaleSet: "akswin1", instanceId: "0", cause: "download", times: 1 });
  world.arm.faults.push({
    match: (method, path) => method === "PUT" && path.includes("akswin2"),
    times: 1,
    status: 400,
    body: {
      error: { code: "InvalidParameter", message: "cannot read https://x.example/p.zip?sv=1&sig=PLANTED%2Bsig" },
    },
  });
  await world.clock.advance(30 * 60_000);
  const code = host.functionKeys["resync"] ?? "";
  const replies: string[] = [];
  for (const query of ["", "&dry-run", "&pool=nope", "&oops=1"]) {
    replies.push(await (await fetch(`${host.url}/api/resync?code=${code}${query}`, { method: "POST" })).text());
  }

  const links = world.arm.world.scaleSets.flatMap(({ virtualMachineProfile }) =>
    virtualMachineProfile.extensionProfile.extensions.map(({ properties }) =>
      JSON.stringify(properties.protectedSettings ?? {}),
    ),
  );
  const signatures = links.flatMap((link) =>
    [...link.matchAll(/sig=([^&"]+)/g)].map(([, signature = ""]) => signature),
  );
  expect(signatures.length, "links were signed").toBeGreaterThan(0);
  const secrets = [...signatures, "PLANTED", code, host.masterKey, "eyJ"];

  const outputs = [...replies, JSON.stringify(host.logs), JSON.stringify(world.arm.journal), ...(await stored())];
  expect(outputs.join("")).toContain("(hidden)");
  for (const secret of secrets) {
    expect(outputs.filter((output) => output.includes(secret) || output.includes(decodeURIComponent(secret)))).toEqual(
      [],
    );
  }
});

/** Returns every blob that the app wrote. */
async function stored(): Promise<readonly string[]> {
  const container = openBlobs(`${world.hostAccountUrl}/aks-windows-metrics`, storageToken(world));
  const texts: string[] = [];
  for await (const { name } of container.listBlobsFlat()) {
    texts.push((await container.getBlobClient(name).downloadToBuffer()).toString("utf8"));
  }
  return texts;
}
