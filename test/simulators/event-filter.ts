import { isRecord } from "./arm/http.ts";

/** The filter of an event subscription, as in Azure Resource Manager. */
export interface EventFilter {
  readonly includedEventTypes?: readonly string[];
  readonly subjectBeginsWith?: string;
  readonly subjectEndsWith?: string;
  readonly isSubjectCaseSensitive?: boolean;
  readonly advancedFilters?: readonly AdvancedFilter[];
}

interface AdvancedFilter {
  readonly operatorType: string;
  readonly key: string;
  readonly values?: readonly string[];
}

type Compare = (found: string, wanted: string) => boolean;
const COMPARISONS: Readonly<Record<string, Compare>> = {
  StringIn: (found, wanted) => found === wanted,
  StringBeginsWith: (found, wanted) => found.startsWith(wanted),
  StringEndsWith: (found, wanted) => found.endsWith(wanted),
  StringContains: (found, wanted) => found.includes(wanted),
};

/** Returns whether an event (Event Grid schema) matches all parts of the filter; values are case-insensitive. */
export function matchesFilter(filter: EventFilter, event: object): boolean {
  const type = textAt(event, "eventType")?.toLowerCase();
  return (
    (filter.includedEventTypes?.some((each) => each.toLowerCase() === type) ?? true) &&
    matchesSubject(filter, textAt(event, "subject") ?? "") &&
    (filter.advancedFilters ?? []).every((each) => matches(each, event))
  );
}

function matchesSubject({ isSubjectCaseSensitive, ...filter }: EventFilter, subject: string): boolean {
  const fold = (text = ""): string => (isSubjectCaseSensitive ? text : text.toLowerCase());
  return (
    fold(subject).startsWith(fold(filter.subjectBeginsWith)) && fold(subject).endsWith(fold(filter.subjectEndsWith))
  );
}

/** An event without the key does not match. An operator that is not modelled throws, because Azure would apply it. */
function matches({ operatorType, key, values = [] }: AdvancedFilter, event: object): boolean {
  const compare = COMPARISONS[operatorType];
  if (!compare) throw new Error(`Event Grid's operator ${operatorType} is not modelled`);
  const found = textAt(event, key)?.toLowerCase();
  return found !== undefined && values.some((wanted) => compare(found, wanted.toLowerCase()));
}

/** Returns the text at a path like `data.operationName`. */
function textAt(event: object, path: string): string | undefined {
  const found = path.split(".").reduce<unknown>((value, key) => (isRecord(value) ? value[key] : undefined), event);
  return typeof found === "string" ? found : undefined;
}
