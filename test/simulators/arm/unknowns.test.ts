import { describe, expect, test } from "vitest";
import { makeArm } from "../arm-fixture.ts";
import type { Effects } from "./effects.ts";
import { VIEW_EFFECTS } from "./view-effects.ts";
import { WRITE_EFFECTS } from "./write-effects.ts";

/** The observable effect of each switch, for each of its values. */
const EFFECTS: Effects = { ...VIEW_EFFECTS, ...WRITE_EFFECTS };

describe.each(Object.entries(EFFECTS))("%s", (name, { values, observe, expected }) => {
  test.each(values.map((value, i) => [value, expected[i]]))("%s", async (value, expected) => {
    const arm = makeArm({ unknowns: { [name]: value } });
    expect(await observe(arm)).toEqual(expected);
    expect(arm.clock.failures).toEqual([]);
  });
});
