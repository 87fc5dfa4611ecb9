import * as v from "valibot";
import { type FailureCause, storedCause } from "../model/reason.ts";
import contractJson from "./contract.json" with { type: "json" };

/** What a run of the package's configuration proved: which package with which marker it applied, and the result. */
export interface Evidence {
  /** SHA-256 of the package. */
  readonly package: string;
  /** The argument `Marker` of the run. */
  readonly marker: string;
  /** `ok`: the exporter is healthy. `absent`: the package's exporter is removed. */
  readonly metrics: "ok" | "absent";
}

const contract = v.parse(
  v.object({
    evidence: v.string(),
    failure: v.string(),
    causes: v.array(storedCause),
    texts: v.array(v.object({ contains: v.string(), cause: storedCause })),
  }),
  contractJson,
);

const TEXTS = contract.texts.map(({ contains, cause }) => ({ text: contains.toLowerCase(), cause }));

// A host may wrap lines at a space. `metrics` must not be the beginning of a longer word.
const EVIDENCE = toPattern(contract.evidence, {
  "{package}": "(?<package>[0-9a-f]{64})",
  "{marker}": "(?<marker>[0-9a-f]{16})",
  "{metrics}": String.raw`(?<metrics>ok|absent)(?![\w-])`,
});

/** The beginning of the module's errors, up to their word and the character behind it. */
const OWN_WORD = toPattern(contract.failure, { "{cause}: {sentence}": "(?<word>[a-z-]+)(?<behind>:?)" });

/**
 * Returns the cause of a failure of our extension: the module's own word, wherever the message has it, else what a text
 * of handler, agent or ARM says, else `package`. Only the text around the word may be cut off; of a word that the
 * message ends in, the beginning is enough.
 */
export function failureCause(message: string): FailureCause {
  return ownCause(message) ?? causeOfText(message) ?? "package";
}

/** Returns whether a status that succeeded contains no text of a failure. Some statuses hide one behind a success. */
export function isSuccessText(message: string): boolean {
  return ownCause(message) === undefined && causeOfText(message) === undefined;
}

/**
 * Returns the last complete evidence line in the texts of an extension's substatuses, which are long logs with a prefix
 * before each line; undefined if there is none, or only one that was cut.
 */
export function parseEvidence(texts: readonly string[]): Evidence | undefined {
  const found = texts.flatMap((text) => Array.from(text.matchAll(EVIDENCE), ({ groups }) => groups)).at(-1);
  if (!found?.["package"] || !found["marker"]) return undefined;
  const { package: hash, marker } = found;
  return { package: hash, marker, metrics: found["metrics"] === "absent" ? "absent" : "ok" };
}

/** Returns the cause that the module's own word gives, of the first word that is one. */
function ownCause(message: string): FailureCause | undefined {
  for (const { groups, index, 0: match } of message.matchAll(OWN_WORD)) {
    const { word = "", behind } = groups ?? {};
    const isCut = behind === "" && index + match.length === message.length;
    const cause = contract.causes.find((each) => (isCut ? each.startsWith(word) : each === word));
    if (cause) return cause;
  }
  return undefined;
}

function causeOfText(message: string): FailureCause | undefined {
  const lower = message.toLowerCase();
  return TEXTS.find(({ text }) => lower.includes(text))?.cause;
}

/** Returns the pattern of a line of the contract: any white space between words, and patterns for its placeholders. */
function toPattern(line: string, placeholders: Readonly<Record<string, string>>): RegExp {
  let source = line;
  for (const [placeholder, pattern] of Object.entries(placeholders)) {
    source = source.replace(placeholder, () => pattern);
  }
  return new RegExp(`(?<![\\w-])${source.replaceAll(" ", String.raw`\s+`)}`, "g");
}
