import { makeCertificate } from "../../certificates.ts";
import { Clock } from "../../clock.ts";
import { describeKube } from "../../contracts/kube.ts";
import { startKubeSimulator } from "../../simulators/kubernetes/kube-simulator.ts";

describeKube("the simulator", async () =>
  startKubeSimulator({ clock: new Clock(), certificate: await makeCertificate(), manifests: [] }),
);
