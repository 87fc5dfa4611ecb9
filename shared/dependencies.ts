import { createHash } from "node:crypto";
import type { TokenCredential } from "@azure/identity";
import type { ContainerClient } from "@azure/storage-blob";
import { type AksClient, createAksClient } from "./clients/arm/aks.ts";
import { ERROR_POLICIES, LIMIT_BODY, restrictToOrigin } from "./clients/arm/pipeline-policies.ts";
import { createScaleSetClient, type ScaleSetClient } from "./clients/arm/scale-sets.ts";
import { openCredential, readPrincipalId } from "./clients/credential.ts";
import { createKubeClients, type KubeClients } from "./clients/kubernetes/client.ts";
import { oncePer } from "./clients/once-per.ts";
import { createPackageStore, type PackageStore } from "./clients/packages/store.ts";
import { openContainer } from "./clients/storage/container.ts";
import { createLeases, type Leases } from "./clients/storage/lease.ts";
import { createRecords, type Records } from "./clients/storage/records.ts";
import { type Config, readConfig } from "./config/config.ts";
import type { EndpointsDesired } from "./endpoints/desired.ts";
import type { ExtensionDesired } from "./extension/desired.ts";
import { createFacts, type Facts } from "./flows.ts";
import type { PoolSelection } from "./model/pools.ts";
import type { EpochMs } from "./model/time.ts";

/** Everything that a pass works with. Created once per worker; SDKs are loaded on first use. */
export interface Dependencies {
  readonly config: Config;
  readonly desired: ExtensionDesired;
  readonly desiredEndpoints: EndpointsDesired;
  readonly aks: AksClient;
  readonly arm: ScaleSetClient;
  readonly kube: KubeClients;
  readonly packages: PackageStore;
  readonly records: Records;
  readonly leases: Leases;
  readonly facts: Facts;
  /** Returns the object ID of the app's identity, for commands; undefined if there is no token. */
  readonly readPrincipalId: (signal: AbortSignal) => Promise<string | undefined>;
  readonly now: () => EpochMs;
}

let known: Dependencies | undefined;

/** Returns the dependencies of this worker, from its app settings; throws a `ConfigError` that lists every invalid setting. */
export function dependencies(): Dependencies {
  known ??= createDependencies(readConfig(process.env));
  return known;
}

const now = (): EpochMs => Date.now();

/** The composition root. */
export function createDependencies(config: Config): Dependencies {
  const credential = onlyOnce(openCredential);
  // Passes decide about retries: an SDK that waits for a long Retry-After would use up the time of the function.
  const additionalPolicies = [...ERROR_POLICIES, restrictToOrigin(config.ARM_ENDPOINT), LIMIT_BODY];
  const options = { endpoint: config.ARM_ENDPOINT, retryOptions: { maxRetries: 1 }, additionalPolicies };
  const arm = { credential, options };
  const state = onlyOnce(() => openContainer(config.STATE_CONTAINER_URL, credential));
  const isAnonymous = config.PACKAGE_ACCESS === "anonymous";
  const packages = onlyOnce(() => openContainer(config.PACKAGE_CONTAINER_URL, isAnonymous ? undefined : credential));
  const records = createRecords(state);
  return {
    config,
    desired: desiredOf(config),
    desiredEndpoints: desiredEndpointsOf(config),
    aks: createAksClient(arm),
    arm: createScaleSetClient(arm),
    kube: createKubeClients({
      arm,
      namespace: config.SCRAPE_NAMESPACE,
      allowClusterUserCertificate: config.ALLOW_CLUSTER_USER_CERTIFICATE,
    }),
    packages: createPackageStore(packages, { credential, isAnonymous }),
    records,
    facts: createFacts({ records, now }),
    leases: createLeases(state),
    readPrincipalId: async (signal) => readPrincipalId(await credential(), config.ARM_ENDPOINT, signal),
    now,
  };
}

function desiredOf(config: Config): ExtensionDesired {
  return {
    owner: ownerOf(config),
    packageContainerUrl: config.PACKAGE_CONTAINER_URL,
    selection: selectionOf(config),
    packageAllowed: config.PACKAGE_ALLOWED,
    packageIsAnonymous: config.PACKAGE_ACCESS === "anonymous",
    isObserveOnly: config.MODE === "observe",
    rolloutBatch: config.ROLLOUT_BATCH,
    restoreBatch: config.RESTORE_BATCH,
    resyncAfterMs: config.RESYNC_AFTER,
    canaryPool: config.CANARY_POOL,
    soakMs: config.ROLLOUT_SOAK,
  };
}

function desiredEndpointsOf(config: Config): EndpointsDesired {
  return {
    owner: ownerOf(config),
    namespace: config.SCRAPE_NAMESPACE,
    selection: selectionOf(config),
    objects: config.SCRAPE_OBJECTS,
    shrinkGuard: config.SHRINK_GUARD,
  };
}

function selectionOf({ POOLS, SCRAPE_SOURCES, UNINSTALL_POOLS }: Config): PoolSelection {
  return { pools: POOLS, sources: SCRAPE_SOURCES, uninstall: UNINSTALL_POOLS };
}

function ownerOf({ OWNER }: Config): string {
  return createHash("sha256").update(OWNER).digest("hex").slice(0, 8);
}

function onlyOnce<T extends TokenCredential | ContainerClient>(make: () => Promise<T>): () => Promise<T> {
  const made = oncePer(make);
  return () => made("");
}
