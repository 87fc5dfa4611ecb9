import { isRestarting } from "../actors/node-restart.ts";
import type { Engine } from "../engine.ts";
import type { Instance, InstanceExtension, InstanceStatus } from "../world.ts";

/** Returns the instance view; for a deallocated instance, it has only the power state (recorded). */
export function instanceView(engine: Engine, instance: Instance): unknown {
  const { power, computerName, agentSilent, extensions } = instance;
  const powerState = status(`PowerState/${power}`, `VM ${power}`);
  if (power === "deallocated") return { statuses: [powerState] };
  const time = engine.flow.iso();
  const state = instance.state.toLowerCase();
  const statuses = [status(`ProvisioningState/${state}`, `Provisioning ${state}`, { time }), powerState];
  if (power !== "running") return { statuses };
  if (agentSilent || isRestarting(engine, instance)) {
    const message = "VM status blob is found but not yet populated.";
    const notReady = status("ProvisioningState/Unavailable", "Not Ready", { level: "Warning", message, time });
    return { statuses, computerName, vmAgent: { vmAgentVersion: "Unknown", statuses: [notReady] } };
  }
  const ready = status("ProvisioningState/succeeded", "Ready", { message: "GuestAgent is running", time });
  const vmAgent = { vmAgentVersion: "2.7.41491.1172", statuses: [ready] };
  return { statuses, computerName, vmAgent, extensions: extensions.map((one) => extensionView(engine, one)) };
}

function extensionView(engine: Engine, extension: InstanceExtension): unknown {
  const { name, type, ran } = extension;
  const typeHandlerVersion = `${ran.typeHandlerVersion ?? "1.0"}.0.0`;
  const logs = logsOf(engine, extension).map((message) =>
    status("ComponentStatus/Log/succeeded", "Provisioning succeeded", { message }),
  );
  const statuses = statusesOf(engine, extension);
  return {
    name,
    type,
    typeHandlerVersion,
    ...(statuses && { statuses }),
    ...(logs.length > 0 && { substatuses: logs }),
  };
}

function logsOf({ unknowns, substatusLength: length }: Engine, { substatuses }: InstanceExtension): readonly string[] {
  const cut = {
    shown: (text: string) => text,
    "end-of-log": (text: string) => text.slice(-length),
    "start-of-log": (text: string) => text.slice(0, length),
  };
  const { substatuses: part } = unknowns;
  return part === "never" ? [] : substatuses.map((text) => cut[part](text));
}

/** Returns the statuses of an extension; undefined if a pending run has none. */
function statusesOf({ unknowns }: Engine, { last, ...now }: InstanceExtension): readonly unknown[] | undefined {
  const time = unknowns.extensionStatusTime;
  const show = (one: InstanceStatus): unknown =>
    extensionStatus(one, time === "present" || (time === "succeeded-only" && one.state === "succeeded"));
  const older = last === undefined || unknowns.extensionStatusList === "newest" ? [] : [show(last)];
  const pending = now.state === "transitioning" ? unknowns.pendingExtensionStatuses : "transitioning";
  if (pending === "absent") return undefined;
  if (pending === "empty") return [];
  return unknowns.extensionStatusList === "older-first" ? [...older, show(now)] : [show(now), ...older];
}

function extensionStatus({ state, code, message, time }: InstanceStatus, hasTime: boolean): unknown {
  const failed = state === "failed";
  const shown = { level: failed ? "Error" : "Info", message, ...(hasTime && { time }) };
  return status(`ProvisioningState/${state}${failed ? `/${code}` : ""}`, `Provisioning ${state}`, shown);
}

function status(code: string, displayStatus: string, more: object = {}): unknown {
  return { code, level: "Info", displayStatus, ...more };
}
