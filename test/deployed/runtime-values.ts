import { randomUUID } from "node:crypto";
import type { RuntimeValues } from "./snapshot.ts";

/** Values that differ between deployments of a template. */
export interface Deployed {
  readonly oid: string;
  readonly clientId: string;
  /** Returns the blob endpoint of a storage account, without a trailing slash. */
  readonly blobsOf: (account: string) => string;
}

/** Returns the runtime properties of the resources of a deployment, by type. */
export function runtimeValues({ oid, clientId, blobsOf }: Deployed): RuntimeValues {
  const byType: Readonly<Record<string, (name: string) => object>> = {
    userassignedidentities: () => ({ principalId: oid, clientId }),
    storageaccounts: (name) => ({ primaryEndpoints: { blob: `${blobsOf(name)}/` } }),
    components: () => ({ ConnectionString: `InstrumentationKey=${randomUUID()}` }),
    systemtopics: (name) => ({ identity: { principalId: `the topic ${name}` } }),
    sites: (name) => ({ defaultHostName: `${name}.azurewebsites.net` }),
  };
  return (id) => {
    const [type = "", name = ""] = id.split("/").slice(-2);
    return byType[type.toLowerCase()]?.(name);
  };
}
