import { describe, expect, test } from "vitest";
import { makeArm } from "../arm-fixture.ts";
import { type Effects, listVms } from "./effects.ts";
import { findSchemaErrors, VMS } from "./response-schemas.ts";
import { logger, VIEW_EFFECTS } from "./view-effects.ts";
import { WRITE_EFFECTS } from "./write-effects.ts";

/** The observable effect of each switch, for each of its values. */
const EFFECTS: Effects = { ...VIEW_EFFECTS, ...WRITE_EFFECTS };

describe.each(Object.entries(EFFECTS))("%s", (name, { values, observe, expected }) => {
  test.each(values.map((value, i) => [value, expected[i]]))("%s", async (value, expected) => {
    const arm = makeArm({ unknowns: { [name]: value }, handlers: { "contoso.logger": logger } });
    expect(await observe(arm)).toEqual(expected);
    expect(findSchemaErrors(VMS, await listVms(arm))).toEqual([]);
    expect(arm.clock.failures).toEqual([]);
  });
});
