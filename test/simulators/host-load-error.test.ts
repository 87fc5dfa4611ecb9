import { expect, it } from "vitest";
import { Clock } from "../clock.ts";
import { startHost } from "./host/functions-host.ts";

const load = async (): Promise<void> => {
  const { app } = await import("@azure/functions");
  app.http("early", { authLevel: "anonymous", handler: () => ({ body: "here" }) });
  app.timer("often", { schedule: "* * * * *", handler: () => undefined });
  throw new Error("bad settings");
};

it("an entry that throws leaves a host that runs without functions", async () => {
  const clock = new Clock();
  const host = await startHost(load, { clock });
  const lines = host.logs.map(({ message }) => message);
  try {
    expect(host.functions).toEqual([]);
    expect(host.loadError).toEqual(new Error("bad settings"));
    expect(lines).toContainEqual(expect.stringMatching(/Worker was unable to load entry point.*bad settings/));
    expect(lines).toContain("0 functions found");
    expect((await fetch(`${host.url}/api/early`)).status).toBe(404);
    const status = await fetch(`${host.url}/admin/host/status?code=${host.masterKey}`);
    expect(await status.json()).toMatchObject({ state: "Running" });
    await clock.advance(600_000);
    expect(host.invocations).toEqual({});
  } finally {
    await host.stop();
  }
});
