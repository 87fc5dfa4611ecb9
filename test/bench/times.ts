/** The middle one of some times; of an even number, the upper of the two. */
export function median(times: readonly number[]): number {
  const sorted = times.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}

/** One line: a name, and the least, the median and the greatest time, in milliseconds. */
export function describeTimes(name: string, times: readonly number[]): string {
  const figures = [Math.min(...times), median(times), Math.max(...times)].map((each) => each.toFixed(1).padStart(8));
  return `${name.padEnd(36)}${figures.join("")} ms`;
}
