export {
  CoreV1Api,
  DiscoveryV1Api,
  HttpMethod,
  IsomorphicFetchHttpLibrary,
  PatchStrategy,
  RequestContext,
  ResponseContext,
  ServerConfiguration,
  createConfiguration,
  loadYaml,
  setHeaderOptions,
  wrapHttpLibrary,
} from "@kubernetes/client-node";
// The SDK sends its requests with it.
export { DecoratorHandler, EnvHttpProxyAgent } from "undici";
