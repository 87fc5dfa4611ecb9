import type { Engine, Site } from "../engine.ts";
import type { InstanceExtension } from "../world.ts";

/** Reads what an instance's status codes are; extensions only where the agent reports. */
export function instanceStatuses(
  engine: Engine,
  site: Site,
): { codes: string[]; extensions: { name: string; code: string }[] } {
  const view = instanceView(engine, site);
  const codes = view.statuses.map(({ code }) => code);
  return {
    codes,
    extensions: view.extensions?.map((one) => ({ name: one.name, code: one.statuses[0]?.code ?? "" })) ?? [],
  };
}

interface Status {
  code: string;
  level: string;
  displayStatus: string;
  message?: string;
  time?: string;
}

interface InstanceView {
  statuses: Status[];
  computerName?: string;
  osName?: string;
  vmAgent?: unknown;
  extensions?: { name: string; type: string; typeHandlerVersion: string; statuses: Status[]; substatuses?: Status[] }[];
}

/** An instance's view; a deallocated one shows its power state and nothing else (recorded). */
export function instanceView(engine: Engine, { instance }: Site): InstanceView {
  const power = { code: `PowerState/${instance.power}`, level: "Info", displayStatus: `VM ${instance.power}` };
  if (instance.power === "deallocated") return { statuses: [power] };
  const state = instance.state.toLowerCase();
  const provisioning = { code: `ProvisioningState/${state}`, level: "Info", displayStatus: `Provisioning ${state}` };
  const statuses = [{ ...provisioning, time: engine.flow.iso() }, power];
  if (instance.power !== "running") return { statuses };
  if (instance.agentSilent) return { statuses, computerName: instance.computerName, vmAgent: agent(engine, false) };
  return {
    statuses,
    computerName: instance.computerName,
    vmAgent: agent(engine, true),
    extensions: instance.extensions.map(extensionView),
  };
}

function agent(engine: Engine, ready: boolean): unknown {
  const time = engine.flow.iso();
  const silent = "VM status blob is found but not yet populated.";
  const status = ready
    ? { code: "ProvisioningState/succeeded", level: "Info", displayStatus: "Ready", message: "GuestAgent is running" }
    : { code: "ProvisioningState/Unavailable", level: "Warning", displayStatus: "Not Ready", message: silent };
  return { vmAgentVersion: ready ? "2.7.41491.1172" : "Unknown", statuses: [{ ...status, time }] };
}

function extensionView(extension: InstanceExtension): NonNullable<InstanceView["extensions"]>[number] {
  const { name, type, typeHandlerVersion, state, code, message, time, substatuses } = extension;
  const failed = state === "failed";
  const status = {
    code: `ProvisioningState/${state}${failed ? `/${code}` : ""}`,
    level: failed ? "Error" : "Info",
    displayStatus: {
      transitioning: "Transitioning",
      succeeded: "Provisioning succeeded",
      failed: "Provisioning failed",
    }[state],
    message,
    time,
  };
  const log = { code: "ComponentStatus/Log/succeeded", level: "Info", displayStatus: "Provisioning succeeded" };
  const more = substatuses.map((text) => ({ ...log, message: text }));
  return { name, type, typeHandlerVersion, statuses: [status], ...(more.length > 0 && { substatuses: more }) };
}
