import type { Caller } from "../authenticate.ts";

const AUDIENCE = "https://management.azure.com/";

/** AKS's resource provider, a first-party application. It has all permissions, and deny assignments do not apply to it. */
export const AKS: Caller = {
  oid: "a5a1f0de-0000-4000-8000-0000000000a5",
  name: "AKS",
  assignments: [],
  claims: { aud: AUDIENCE, appid: "7319c514-987d-4e9b-ac3d-d38c4f427f4c" },
};

/** The identity of the cluster's control plane, with which AKS's autoscaler calls Compute. */
export const AUTOSCALER: Caller = {
  oid: "a5a1f0de-0000-4000-8000-0000000000ca",
  name: "cluster-autoscaler",
  assignments: [],
  claims: { aud: AUDIENCE, appid: "a5a1f0de-0000-4000-8000-0000000000cb" },
};

/** The identity of a policy assignment, with which Azure Policy deploys. */
export const POLICY: Caller = {
  oid: "a5a1f0de-0000-4000-8000-0000000000d0",
  name: "Azure Policy",
  assignments: [],
  claims: { aud: AUDIENCE, appid: "a5a1f0de-0000-4000-8000-0000000000d1" },
};

/** Returns whether Azure itself made a request, by the caller's name in the journal. */
export function isPlatform(who: string): boolean {
  return [AKS, AUTOSCALER, POLICY].some(({ name }) => name === who);
}
