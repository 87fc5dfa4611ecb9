import { randomUUID } from "node:crypto";
import type { RuntimeValues } from "./snapshot.ts";

/** What differs from one deployment of a template to the next. */
export interface Deployed {
  readonly oid: string;
  readonly clientId: string;
  /** Where a storage account's containers are, without a slash at the end. */
  readonly blobsOf: (account: string) => string;
}

/** What the resources of a deployment say of themselves, by their type. */
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
