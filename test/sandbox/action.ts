import type * as v from "valibot";
import { parseInput } from "./input.ts";
import type { Sandbox } from "./sandbox.ts";

/** Returns the names of the placeholders of a path: `pool` for `/world/pools/{pool}/scale`. */
type NamesIn<P extends string> = P extends `${string}{${infer N}}${infer Rest}` ? N | NamesIn<Rest> : never;
type Names<P extends string> = Readonly<Record<NamesIn<P>, string>>;
type Sent<P extends string, E extends v.ObjectEntries> = Names<P> &
  Readonly<v.InferInput<v.StrictObjectSchema<E, undefined>>>;
type Parsed<P extends string, E extends v.ObjectEntries> = Names<P> &
  Readonly<v.InferOutput<v.StrictObjectSchema<E, undefined>>>;

/** Values by name: those of a path, and those of a body. */
export type Values = Readonly<Record<string, unknown>>;

/** What holds from now on, by a key; without a text, what held under the key has ended. */
type Held = readonly [key: string, text: string | undefined];

/** One thing that can be made to happen: a call of the control API, a line in docs/sandbox.md, and buttons. */
export interface Action {
  /** The path of the POST, with placeholders. */
  readonly path: string;
  /** The fields of the body. */
  readonly fields: readonly string[];
  /** Values with which the call works after the calls before it in the table. */
  readonly example: Values;
  /** The labels of its buttons, each with the values that differ from the example. */
  readonly buttons: Readonly<Record<string, Values>>;
  /** AKS or Azure is busy afterwards: the documented calls wait until it is at rest. */
  readonly isAks?: true;
  /** Says what happens, as a sentence. */
  says(values: Values): string;
  /** Says what holds from now on. */
  holds?(values: Values): Held;
  /** Parses a call; returns a function that carries it out, and returns what the response has. */
  parse(names: Values, body: unknown): (sandbox: Sandbox) => Promise<unknown>;
}

interface Spec<P extends string, E extends v.ObjectEntries> {
  readonly path: P;
  readonly body: E;
  readonly example: Sent<P, E>;
  readonly buttons: Readonly<Record<string, Partial<Sent<P, E>>>>;
  readonly isAks?: true;
  readonly says: (values: Sent<P, E>) => string;
  readonly holds?: (values: Sent<P, E>) => Held;
  readonly run: (sandbox: Sandbox, input: Parsed<P, E>) => unknown;
}

/** Defines an action whose body has a schema. */
export function action<P extends string, E extends v.ObjectEntries>({ body, run, ...spec }: Spec<P, E>): Action {
  const defined = {
    ...spec,
    fields: Object.keys(body),
    parse: (names: Values, sent: unknown) => {
      const input = { ...names, ...parseInput(body, sent) } as Parsed<P, E>;
      return async (sandbox: Sandbox) => run(sandbox, input);
    },
  };
  return defined;
}

/** Returns the values of each button of an action, by its label. */
export function buttonsOf({
  example,
  buttons,
}: Action): readonly { readonly label: string; readonly values: Values }[] {
  return Object.entries(buttons).map(([label, values]) => ({ label, values: { ...example, ...values } }));
}

/** Returns the path and the body of the call of an action with these values. */
export function requestOf({ path, fields }: Action, values: Values): { readonly path: string; readonly body: Values } {
  return {
    path: path.replaceAll(/\{(\w+)\}/g, (_, name: string) => String(values[name])),
    body: Object.fromEntries(Object.entries(values).filter(([name]) => fields.includes(name))),
  };
}
