import type { Action, Outcome } from "../model/action.ts";
import type { Report } from "../model/flow.ts";
import { isRecord } from "../model/json.ts";
import type { Subject } from "../model/verdict.ts";
import { isVerdictState } from "./levels.ts";
import { isReason } from "./remedies.ts";

type Check = (value: unknown) => boolean;

/** The last time that a `Date` can hold (ECMAScript): formatting a later one throws. */
const LAST_TIME = 8.64e15;

const isText: Check = (value) => typeof value === "string";
const isTime: Check = (value) => typeof value === "number" && Math.abs(value) <= LAST_TIME;

const listOf =
  (check: Check): Check =>
  (value) =>
    Array.isArray(value) && value.every((each) => check(each));

const optional =
  (check: Check): Check =>
  (value) =>
    value === undefined || check(value);

const shape =
  (fields: Readonly<Record<string, Check>>): Check =>
  (value) =>
    isRecord(value) && Object.entries(fields).every(([name, check]) => check(value[name]));

const kindOf =
  (kinds: Readonly<Record<string, Check>>): Check =>
  (value) => {
    const kind = isRecord(value) ? value["kind"] : undefined;
    return typeof kind === "string" && Object.hasOwn(kinds, kind) && kinds[kind]?.(value) === true;
  };

const onScaleSet = { scaleSet: isText, pool: isText, reason: isText };
const ACTIONS: Readonly<Record<Action["kind"], Check>> = {
  "put-extension": shape({ ...onScaleSet, extension: shape({ package: isText }) }),
  "upgrade-instances": shape({ ...onScaleSet, instances: listOf(shape({ node: isText })) }),
  "apply-endpoint-slice": shape({ slice: shape({ name: isText, endpoints: Array.isArray }) }),
  "delete-endpoint-slice": shape({ name: isText }),
  "apply-endpoints": shape({ endpoints: shape({ endpoints: Array.isArray }) }),
  "delete-endpoints": shape({}),
};

const SUBJECTS: Readonly<Record<Subject["kind"], Check>> = {
  cluster: shape({ cluster: isText }),
  "scale-set": shape({ scaleSet: isText, pool: isText }),
  instance: shape({ scaleSet: isText, node: isText }),
  node: shape({ node: isText }),
};

const OUTCOMES: Readonly<Record<Outcome["status"], true>> = {
  failed: true,
  dropped: true,
  withheld: true,
  submitted: true,
  done: true,
};

const isVerdict = shape({
  subject: kindOf(SUBJECTS),
  state: isVerdictState,
  reason: optional(isReason),
  message: optional(isText),
  since: isTime,
});

const isOutcome = shape({
  action: kindOf(ACTIONS),
  status: (value) => typeof value === "string" && Object.hasOwn(OUTCOMES, value),
  reason: optional(isText),
  error: optional(shape({ message: isText })),
});

const hasShape = shape({
  cluster: isText,
  flow: isText,
  cause: isText,
  startedAt: isTime,
  endedAt: isTime,
  warnings: listOf(isText),
  observed: listOf(isText),
  plan: shape({ actions: listOf(kindOf(ACTIONS)), verdicts: listOf(isVerdict), requeueAt: isTime }),
  outcomes: listOf(isOutcome),
  failure: optional(shape({ message: isText })),
});

/** Returns whether a stored value is a report that this version can render. */
export function isReport(value: unknown): value is Report {
  return hasShape(value);
}
