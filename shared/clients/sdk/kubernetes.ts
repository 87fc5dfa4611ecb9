export {
  CoreV1Api,
  DiscoveryV1Api,
  PatchStrategy,
  ResponseContext,
  SelfDecodingBody,
  ServerConfiguration,
  createConfiguration,
  loadYaml,
  setHeaderOptions,
  wrapHttpLibrary,
} from "@kubernetes/client-node";
