// Named exports, so that a bundler can leave out the rest of the SDK.
export { ComputeManagementClient, restorePoller } from "@azure/arm-compute";
