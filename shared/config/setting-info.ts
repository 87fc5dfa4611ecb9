import * as v from "valibot";
import { SETTINGS } from "./settings.ts";

/** The description of a setting, for error messages and the settings page. */
export interface SettingInfo {
  readonly name: string;
  /** A noun phrase, for error messages: "found 'x', expected …". */
  readonly expected: string;
  readonly description: string;
  /** The host's settings that the default is made from. */
  readonly hostSettings?: string;
  /** The default as text; undefined or empty if the description has it. */
  readonly fallback: string | undefined;
  readonly isRequired: boolean;
}

/** Returns the descriptions of all settings, in the order of the table. */
export function describeSettings(): readonly SettingInfo[] {
  return Object.entries(SETTINGS.entries).map(([name, schema]) => {
    const info: Pick<SettingInfo, "expected" | "description" | "hostSettings"> = v.getMetadata(schema);
    const isRequired = schema.type !== "optional" && info.hostSettings === undefined;
    return { ...info, name, fallback: v.getDefault(schema), isRequired };
  });
}
