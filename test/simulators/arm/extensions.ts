import { isDeepStrictEqual } from "node:util";
import { restartAfterBootstrap, waitThroughRestarts } from "./actors/node-restart.ts";
import type { Engine } from "./engine.ts";
import type { Failure } from "./http.ts";
import { type HandlerFailure, scriptedCause, typeOf } from "./scripted-failures.ts";
import {
  type Instance,
  type InstanceExtension,
  type InstanceStatus,
  type ModelExtension,
  same,
  type ScaleSet,
} from "./world.ts";

/** The input of a handler's run. */
interface ExtensionRun {
  publisher: string;
  type: string;
  settings: unknown;
  protectedSettings: unknown;
  instance: { scaleSet: string; id: string; vmId: string };
  /** The scripted failure of this run; the handler reports it with its own message. */
  failure?: HandlerFailure;
}

/** The report of a handler's run. `installed` is empty after it has removed what it had installed. */
export type ExtensionResult = { ok: boolean; code?: number; message: string; log?: string; installed?: string };

const SILENT = "silent";

type Result = ExtensionResult | typeof SILENT;

/** A handler starts its work at once and reports it after `durationMs`, which may change at any time. */
export type ExtensionHandler = { durationMs: number; run: (run: ExtensionRun) => Promise<ExtensionResult> };

/** Returns whether a handler has to run: it is new on the instance, or its tag, settings or version changed. */
export function needsRun({ unknowns }: Engine, instance: Instance, { name, properties }: ModelExtension): boolean {
  const has = instance.extensions.find((one) => same(one.name, name));
  const content = (p: ModelExtension["properties"]): unknown => [
    [p.publisher, p.type, p.typeHandlerVersion, p.forceUpdateTag, p.settings],
    unknowns.protectedSettingsAloneRerun && p.protectedSettings,
  ];
  return !has || !isDeepStrictEqual(content(has.ran), content(properties));
}

/** Runs handlers one by one, in random order but after their dependencies; returns the first failure. */
export async function runExtensions(
  engine: Engine,
  set: ScaleSet,
  instance: Instance,
  wanted: readonly ModelExtension[],
): Promise<Failure> {
  const { life } = instance;
  const failures: Failure[] = [];
  for (const extension of inOrder(engine.flow.shuffle(wanted))) {
    const old = instance.extensions.find(({ name }) => same(name, extension.name));
    const shown = toInstanceExtension(engine, extension, "transitioning", old);
    instance.extensions = [...instance.extensions.filter((other) => other !== old), shown];
    const blocked = brokenDependency(instance, extension) ?? (old ? undefined : failedNeighbor(engine, instance));
    const result = blocked ?? (await runHandler(engine, set, instance, extension));
    if (instance.life !== life) return undefined;
    Object.assign(shown, { time: engine.flow.iso() }, outcomeOf(engine, extension, result));
    failures.push(failureOf(instance, extension, result));
    if (!old && shown.state === "succeeded") restartAfterBootstrap(engine, set, instance, extension);
  }
  return failures.find((failure) => failure !== undefined);
}

/** Sorts extensions topologically by provisionAfterExtensions; otherwise keeps their order. Cycles come last. */
export function inOrder(extensions: readonly ModelExtension[]): ModelExtension[] {
  const sorted: ModelExtension[] = [];
  let rest = [...extensions];
  while (rest.length > 0) {
    const waits = ({ properties }: ModelExtension): boolean =>
      properties.provisionAfterExtensions?.some((after) => rest.some(({ name }) => same(name, after))) ?? false;
    const next = rest.find((extension) => !waits(extension));
    if (!next) break;
    sorted.push(next);
    rest = rest.filter((other) => other !== next);
  }
  return [...sorted, ...rest];
}

/** Returns an extension of the model as an instance shows it. */
export function toInstanceExtension(
  engine: Engine,
  { name, properties }: ModelExtension,
  state: "transitioning" | "succeeded",
  old?: InstanceExtension,
): InstanceExtension {
  const { forceUpdateTag: tag } = properties;
  const last = old?.state === "transitioning" ? old.last : old && statusOf(old);
  return {
    name,
    type: typeOf({ name, properties }),
    state,
    code: 0,
    message: "",
    time: engine.flow.iso(),
    substatuses: [],
    ran: structuredClone(properties),
    ...(tag !== undefined && { tag }),
    ...(old?.installed !== undefined && { installed: old.installed }),
    ...(last && { last }),
  };
}

function statusOf({ state, code, message, time }: InstanceStatus): InstanceStatus {
  return { state, code, message, time };
}

/** Returns the handler's result, or a timeout if the agent did not report within the time budget. */
async function runHandler(
  engine: Engine,
  set: ScaleSet,
  instance: Instance,
  extension: ModelExtension,
): Promise<Result> {
  const { flow, durations, handlers } = engine;
  const failure = scriptedCause(engine, set, instance, extension);
  if (failure === "agent") {
    instance.agentSilent = true;
    await flow.wait(durations.timeBudget);
    instance.agentSilent = false;
    return SILENT;
  }
  const handler = handlers[typeOf(extension).toLowerCase()] ?? { durationMs: durations.extension, run: succeed };
  const { publisher = "", type = "", settings, protectedSettings } = extension.properties;
  const vm = { scaleSet: set.name, id: instance.id, vmId: instance.vmId };
  const run = { publisher, type, settings, protectedSettings, instance: vm, ...(failure && { failure }) };
  const held = flow.hold(handler.run(run).catch(crashed));
  const began = flow.clock.now();
  if (!(await waitThroughRestarts(engine, instance, extension, handler))) {
    await flow.wait(began + durations.timeBudget - flow.clock.now());
    return SILENT;
  }
  const result = await held;
  return failure && result.ok ? { ok: false, code: 1000, message: `Enable failed: ${failure}.` } : result;
}

/** The handler of every extension that is not simulated. */
async function succeed(): Promise<ExtensionResult> {
  return { ok: true, message: "Enable succeeded." };
}

/** The result of a handler that threw: a failed extension with the generic code 1000. */
function crashed(error: unknown): ExtensionResult {
  return { ok: false, code: 1000, message: `The handler ended unexpectedly: ${String(error)}` };
}

function brokenDependency(instance: Instance, { name, properties }: ModelExtension): ExtensionResult | undefined {
  const failed = instance.extensions.filter(({ state }) => state === "failed");
  const broken = properties.provisionAfterExtensions?.find((after) => failed.some((one) => same(one.name, after)));
  if (broken === undefined) return undefined;
  const why = `is marked as failed since it depends upon the VM Extension '${broken}' which has failed.`;
  return { ok: false, message: `VM Extension '${name}' ${why}` };
}

/** Returns the result of an extension that cannot be installed next to a failed one. Its wording is not recorded. */
function failedNeighbor({ unknowns }: Engine, { extensions }: Instance): ExtensionResult | undefined {
  const failed = extensions.find(({ state }) => state === "failed");
  if (!failed || !unknowns.failedExtensionBlocksNew) return undefined;
  return { ok: false, message: `The VM has the extension '${failed.name}' in a failed provisioning state.` };
}

/** Returns the extension's new state on the instance. */
function outcomeOf(engine: Engine, { name, properties }: ModelExtension, result: Result): Partial<InstanceExtension> {
  if (result === SILENT) return { state: "failed", code: 1, message: timedOut(name) };
  const { ok, message, log, installed, code = 0 } = result;
  const hidden = properties.suppressFailures === true && !engine.unknowns.suppressedFailureShows;
  const more = { ...(log !== undefined && { substatuses: [log] }), ...(installed !== undefined && { installed }) };
  return { state: ok || hidden ? "succeeded" : "failed", code, message, ...more };
}

/** suppressFailures hides failures of the extension itself, but not a VM that does not respond (SDK documentation). */
function failureOf({ id: target }: Instance, { name, properties }: ModelExtension, result: Result): Failure {
  if (result === SILENT) return { code: "VMExtensionProvisioningTimeout", message: timedOut(name), target };
  if (result.ok || properties.suppressFailures) return undefined;
  const which = `'${name}' (publisher '${properties.publisher}' and type '${properties.type}')`;
  const message = `VM has reported a failure when processing extension ${which}. Error message: "${result.message}".`;
  return { code: "VMExtensionProvisioningError", message, target };
}

function timedOut(name: string): string {
  return `Provisioning of VM extension '${name}' has timed out: the VM agent is not reporting.`;
}
