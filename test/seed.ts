/** What the properties' random worlds grow from: the same in every run, so that a failure is a change's own; `PROPERTY_SEED` tries others. */
export const seed = Number(process.env["PROPERTY_SEED"] ?? 20_261_122);
