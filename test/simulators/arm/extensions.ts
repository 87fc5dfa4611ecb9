import { isDeepStrictEqual } from "node:util";
import type { Engine, Site } from "./engine.ts";
import { scriptedCause, scriptedResult, typeOf } from "./scripted-failures.ts";
import { same } from "./world.ts";
import type { InstanceExtension, ModelExtension } from "./world.ts";

/** What a handler is given. */
export interface ExtensionRun {
  publisher: string;
  type: string;
  settings: unknown;
  protectedSettings: unknown;
  instance: { scaleSet: string; id: string; vmId: string };
}

/** What a handler reports. */
export interface ExtensionResult {
  ok: boolean;
  code?: number;
  message: string;
  log?: string;
  installed?: string;
}

/** A handler's work begins at the start of its duration and shows at the end; `durationMs` may be changed any time. */
export type ExtensionHandler = { durationMs: number; run: (run: ExtensionRun) => Promise<ExtensionResult> };

/** A failure that `suppressFailures` did not hide. */
export interface ExtensionFailure {
  code: "VMExtensionProvisioningError" | "VMExtensionProvisioningTimeout";
  message: string;
}

const TIMED_OUT: unique symbol = Symbol("timed out");

/** Rule of reruns: a handler runs when it is new, or its tag, settings or version changed. */
export function needsRun(engine: Engine, { instance }: Site, wanted: ModelExtension): boolean {
  const has = instance.extensions.find(({ name }) => same(name, wanted.name));
  if (!has) return true;
  const content = ({ properties: p }: Pick<ModelExtension, "properties">): unknown => [
    [p.publisher, p.type, p.typeHandlerVersion, p.forceUpdateTag, p.settings],
    engine.unknowns.protectedSettingsAloneRerun && p.protectedSettings,
  ];
  return !isDeepStrictEqual(content({ properties: has.ran }), content(wanted));
}

/** Runs handlers one after another: after those they depend on, otherwise in random order, within the time budget. */
export async function runExtensions(
  engine: Engine,
  site: Site,
  wanted: readonly ModelExtension[],
): Promise<ExtensionFailure[]> {
  const { instance } = site;
  const life = instance.life;
  const deadline = engine.flow.clock.now() + engine.durations.timeBudget;
  const failures: ExtensionFailure[] = [];
  for (const extension of inOrder(engine.flow.shuffle(wanted))) {
    const shown = begin(engine, site, extension);
    const result = await runOne(engine, site, { extension, deadline });
    if (instance.life !== life) return [];
    const failure = end(engine, extension, { shown, result });
    if (failure) failures.push(failure);
  }
  return failures;
}

/** Topological by provisionAfterExtensions; the order of what is left is kept. */
export function inOrder(extensions: readonly ModelExtension[]): ModelExtension[] {
  const sorted: ModelExtension[] = [];
  let rest = [...extensions];
  while (rest.length > 0) {
    const next = rest.find(
      ({ properties }) => !properties.provisionAfterExtensions?.some((after) => rest.some((r) => same(r.name, after))),
    );
    if (!next) break;
    sorted.push(next);
    rest = rest.filter((other) => other !== next);
  }
  return [...sorted, ...rest];
}

function begin(engine: Engine, { instance }: Site, extension: ModelExtension): InstanceExtension {
  const old = instance.extensions.find(({ name }) => same(name, extension.name));
  const shown = asShown(engine, extension, "transitioning");
  if (old?.installed !== undefined) shown.installed = old.installed;
  instance.extensions = [...instance.extensions.filter((other) => other !== old), shown];
  return shown;
}

/** An extension of the model as it looks on an instance. */
export function asShown(
  engine: Engine,
  extension: ModelExtension,
  state: "transitioning" | "succeeded",
): InstanceExtension {
  const { name, properties } = extension;
  return {
    name,
    type: typeOf(extension),
    typeHandlerVersion: `${properties.typeHandlerVersion ?? "1.0"}.0.0`,
    state,
    code: 0,
    message: state === "succeeded" ? "Enable succeeded." : "",
    time: engine.flow.iso(),
    ...(properties.forceUpdateTag !== undefined && { tag: properties.forceUpdateTag }),
    substatuses: [],
    ran: structuredClone(properties),
  };
}

interface Run {
  extension: ModelExtension;
  deadline: number;
}

async function runOne(engine: Engine, site: Site, run: Run): Promise<ExtensionResult | typeof TIMED_OUT> {
  const broken = brokenDependency(site, run.extension);
  if (broken) return broken;
  const handler = engine.handlers[typeOf(run.extension).toLowerCase()] ?? plainHandler(engine);
  const cause = scriptedCause(engine, site, run.extension);
  const takes = cause === "agent" ? Infinity : handler.durationMs;
  const left = Math.max(0, run.deadline - engine.flow.clock.now());
  const result = cause ? scriptedResult(cause, run.extension) : guarded(handler.run(handed(site, run.extension)));
  const held = engine.flow.hold(Promise.resolve(result));
  site.instance.agentSilent = cause === "agent";
  await engine.flow.wait(Math.min(takes, left));
  site.instance.agentSilent = false;
  if (takes > left) return TIMED_OUT;
  return held;
}

/** What stands in for every handler that is not simulated. */
function plainHandler(engine: Engine): ExtensionHandler {
  return {
    durationMs: engine.durations.extension,
    run: () => Promise.resolve({ ok: true, message: "Enable succeeded." }),
  };
}

function handed({ scaleSet, instance }: Site, { properties }: ModelExtension): ExtensionRun {
  const { publisher = "", type = "", settings, protectedSettings } = properties;
  const vm = { scaleSet: scaleSet.name, id: instance.id, vmId: instance.vmId };
  return { publisher, type, settings, protectedSettings, instance: vm };
}

function brokenDependency({ instance }: Site, { name, properties }: ModelExtension): ExtensionResult | undefined {
  const failed = instance.extensions.filter(({ state }) => state === "failed");
  const broken = properties.provisionAfterExtensions?.find((after) => failed.some((one) => same(one.name, after)));
  if (broken === undefined) return undefined;
  const why = `is marked as failed since it depends upon the VM Extension '${broken}' which has failed.`;
  return { ok: false, message: `VM Extension '${name}' ${why}` };
}

/** A handler that crashes is a failed extension with code 1000 (generic). */
async function guarded(result: Promise<ExtensionResult>): Promise<ExtensionResult> {
  try {
    return await result;
  } catch (error) {
    return { ok: false, code: 1000, message: `The handler ended unexpectedly: ${String(error)}` };
  }
}

/** suppressFailures hides failures of the extension, not that the VM did not answer (SDK text). */
function end(
  engine: Engine,
  { name, properties }: ModelExtension,
  { shown, result }: { shown: InstanceExtension; result: ExtensionResult | typeof TIMED_OUT },
): ExtensionFailure | undefined {
  shown.time = engine.flow.iso();
  if (result === TIMED_OUT) {
    const message =
      `Provisioning of VM extension '${name}' has timed out. Extension provisioning has taken too long to complete. ` +
      "The extension last reported no status: the VM agent is not reporting.";
    Object.assign(shown, { state: "failed", code: 1, message });
    return { code: "VMExtensionProvisioningTimeout", message };
  }
  const { ok, message, log, installed, code = 0 } = result;
  const hidden = properties.suppressFailures === true && !engine.unknowns.suppressedFailureShows;
  Object.assign(shown, { state: ok || hidden ? "succeeded" : "failed", code, message });
  Object.assign(shown, log !== undefined && { substatuses: [log] }, installed !== undefined && { installed });
  if (ok || properties.suppressFailures) return undefined;
  const which = `'${name}' (publisher '${properties.publisher}' and type '${properties.type}')`;
  const text = `VM has reported a failure when processing extension ${which}. Error message: "${message}".`;
  return { code: "VMExtensionProvisioningError", message: text };
}
