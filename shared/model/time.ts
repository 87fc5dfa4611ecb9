/** Milliseconds since 1970-01-01T00:00Z; only clients and reports know `Date`. */
export type EpochMs = number;
