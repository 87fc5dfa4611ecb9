import type { Passes } from "../passes.ts";

const HOURS_24 = 24 * 60;

/** Lives through some days; returns the number of the app's writes on each. A POST that reads counts as a write. */
export async function liveDays({ live, world }: Passes, count: number): Promise<readonly number[]> {
  const writes = (): number => world.arm.journal.filter(({ who, method }) => who === "app" && method !== "GET").length;
  const days: number[] = [];
  for (let day = 0; day < count; day++) {
    const before = writes();
    await live(HOURS_24);
    days.push(writes() - before);
  }
  return days;
}
