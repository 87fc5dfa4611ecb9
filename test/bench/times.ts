/** Returns the median; for an even number of times, the upper one. */
export function median(times: readonly number[]): number {
  const sorted = times.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}

/** Returns a line with a name and the minimum, median and maximum time in milliseconds. */
export function describeTimes(name: string, times: readonly number[]): string {
  const figures = [Math.min(...times), median(times), Math.max(...times)].map((each) => each.toFixed(1).padStart(8));
  return `${name.padEnd(36)}${figures.join("")} ms`;
}
