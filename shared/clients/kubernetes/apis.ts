import {
  CoreV1Api,
  createConfiguration,
  DiscoveryV1Api,
  PatchStrategy,
  ServerConfiguration,
  setHeaderOptions,
  wrapHttpLibrary,
} from "../sdk/kubernetes.ts";
import { createKubeTransport, type KubeConnection, type SendOptions } from "./transport.ts";

/** The SDK's APIs of one API server, for calls that one signal aborts. */
export interface Apis {
  readonly core: CoreV1Api;
  readonly discovery: DiscoveryV1Api;
}

/** The options of a call that make a patch a server-side apply. */
export const AS_APPLY = setHeaderOptions("Content-Type", PatchStrategy.ServerSideApply);

export function createApis(server: string, connection: KubeConnection, options: SendOptions): Apis {
  const baseServer = new ServerConfiguration(server, {});
  const httpApi = wrapHttpLibrary(createKubeTransport(connection, options));
  const configuration = createConfiguration({ baseServer, httpApi });
  return { core: new CoreV1Api(configuration), discovery: new DiscoveryV1Api(configuration) };
}
