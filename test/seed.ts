/** The seed of property tests: fixed, so that only a change can cause a failure; `PROPERTY_SEED` overrides it. */
export const seed = Number(process.env["PROPERTY_SEED"] ?? 20_261_122);
