import type { Body } from "./input.ts";
import type { Sandbox } from "./sandbox.ts";

/** A call of the control API. */
export interface Call {
  /** The values of the path's placeholders, in order. */
  readonly names: readonly string[];
  readonly body: Body;
  readonly query: URLSearchParams;
}

/** Carries out a call; the response has what it returns. */
type Answer = (sandbox: Sandbox, call: Call) => Promise<unknown>;

/** The calls of the control API by method and path; `{}` is a placeholder. */
export type Routes = Readonly<Record<string, Answer>>;
