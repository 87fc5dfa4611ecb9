import { once } from "node:events";
import { existsSync } from "node:fs";
import { createServer } from "node:https";
import type { AddressInfo } from "node:net";
import path from "node:path";
import { json } from "node:stream/consumers";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { CallError } from "../../shared/clients/errors.ts";
import { makeCertificate } from "../certificates.ts";
import { APP_OID, desired, noAbort, open } from "../contracts/kube-fixture.ts";
import { readManifests } from "../manifests.ts";
import { type ControlPlane, startControlPlane } from "./control-plane.ts";

const assets = process.env["KUBEBUILDER_ASSETS"] ?? "";
const hasServer = assets !== "" && existsSync(path.join(assets, "kube-apiserver"));
const { cert, key } = await makeCertificate();

/** What a webhook says; the end is RBAC's text. */
const WEBHOOK_TEXT =
  'no access: endpoints "windows-exporter" is forbidden: User "x" cannot patch resource "endpoints" in API group ""';

const isWithoutRules = (each: unknown): boolean => String(each).includes("may not have loaded its RBAC rules");

describe.skipIf(!hasServer)("a 403 of a real API server (needs KUBEBUILDER_ASSETS)", () => {
  let real: ControlPlane;
  const webhook = createServer({ cert, key }, (request, response) => {
    const answer = async (): Promise<void> => {
      const review = (await json(request)) as { readonly request: { readonly uid: string } };
      const denied = { uid: review.request.uid, allowed: false, status: { code: 403, message: WEBHOOK_TEXT } };
      response.setHeader("content-type", "application/json");
      response.end(JSON.stringify({ apiVersion: "admission.k8s.io/v1", kind: "AdmissionReview", response: denied }));
    };
    answer().catch((error: unknown) => response.writeHead(500).end(String(error)));
  });
  beforeAll(async () => {
    webhook.listen(0, "127.0.0.1");
    await once(webhook, "listening");
    real = await startControlPlane({ assets, manifests: readManifests(APP_OID) });
  });
  afterAll(async () => {
    webhook.closeAllConnections();
    webhook.close();
    await real?.close();
  });

  test("of one that has not loaded its RBAC rules is not blamed on the app's roles", { timeout: 120_000 }, async () => {
    const kube = await open(real);
    await kube.readService(noAbort());
    const failures: unknown[] = [];
    const readUntilFound = async (): Promise<void> => {
      const until = performance.now() + 60_000;
      while (performance.now() < until) {
        const answer = await kube.readService(noAbort()).catch((error: unknown) => error);
        if (!(answer instanceof Error)) return;
        failures.push(answer);
      }
    };
    // The server lacks its rules for a few hundredths of a second, which not every start shows.
    for (let starts = 0; starts < 12 && !failures.some(isWithoutRules); starts++) {
      await real.restartApiServer();
      await Promise.all(Array.from({ length: 4 }, readUntilFound));
    }
    expect(failures.filter((each) => !(each instanceof CallError) || each.fault !== "transient")).toEqual([]);
    expect(failures.filter(isWithoutRules)).not.toEqual([]);
  });

  test("of an admission webhook is quoted, and not blamed on the app's roles", async () => {
    const kube = await open(real);
    const clientConfig = {
      url: `https://127.0.0.1:${(webhook.address() as AddressInfo).port}`,
      caBundle: Buffer.from(cert).toString("base64"),
    };
    await real.apply({
      apiVersion: "admissionregistration.k8s.io/v1",
      kind: "ValidatingWebhookConfiguration",
      metadata: { name: "denies" },
      webhooks: [
        {
          name: "denies.example.com",
          clientConfig,
          rules: [{ apiGroups: [""], apiVersions: ["v1"], operations: ["*"], resources: ["endpoints"] }],
          sideEffects: "None",
          admissionReviewVersions: ["v1"],
        },
      ],
    });
    const failure = async (): Promise<unknown> =>
      kube.applyEndpoints(desired(), noAbort()).catch((error: unknown) => error);
    await expect.poll(failure, { timeout: 20_000 }).toBeInstanceOf(CallError);
    expect(await failure()).toMatchObject({
      fault: "denied",
      names: {},
      message: `apply the Endpoints: admission webhook "denies.example.com" denied the request: ${WEBHOOK_TEXT}`,
    });
  });
});
