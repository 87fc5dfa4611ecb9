import { expect, test } from "vitest";
import { makeCertificate } from "../../certificates.ts";
import { Clock } from "../../clock.ts";
import { APP_OID, noAbort, open } from "../../contracts/kube-fixture.ts";
import { describeKube } from "../../contracts/kube.ts";
import { readManifests } from "../../manifests.ts";
import { startKubeSimulator } from "../../simulators/kubernetes/kube-simulator.ts";

test("a 403 of an API server that has not loaded its RBAC rules is not blamed on the app's roles", async () => {
  const manifests = readManifests(APP_OID);
  const simulator = await startKubeSimulator({ clock: new Clock(), certificate: await makeCertificate(), manifests });
  const kube = await open(simulator);
  simulator.setRules(false);
  await expect(kube.readService(noAbort())).rejects.toMatchObject({
    fault: "transient",
    message: expect.stringMatching(/may not have loaded its RBAC rules yet\..* lacks the verb get on services/),
  });
  simulator.setRules(true);
  await expect(kube.readService(noAbort())).resolves.toMatchObject({ isPaused: false });
  await simulator.close();
});

describeKube("the simulator", async () =>
  startKubeSimulator({ clock: new Clock(), certificate: await makeCertificate(), manifests: [] }),
);
