// Plain JavaScript without imports, because each function is sent to the browser as text.

/** Returns the label of an axis at a value. */
export function axisLabel(value, unit) {
  if (unit === "percentunit") return `${Number((value * 100).toPrecision(3))}%`;
  if (unit === "s") return `${Number((value * 1000).toFixed(1))} ms`;
  const [base, units] = unit === "bytes" ? [1024, ["B", "KiB", "MiB", "GiB"]] : [1000, ["", "k", "M", "G"]];
  const power = value < 1 ? 0 : Math.min(units.length - 1, Math.floor(Math.log(value) / Math.log(base)));
  return `${Number((value / base ** power).toFixed(1))} ${units[power]}`;
}

/** Draws each chart into the panel whose ID it has. */
export function drawCharts(charts, label) {
  const { uPlot } = globalThis;
  const grid = { stroke: "#2c2f36", width: 1 };
  const axis = { stroke: "#8e8e9a", grid, ticks: grid, font: "11px Arial" };
  for (const [id, { colors, data, max, isStacked, unit }] of Object.entries(charts)) {
    const place = document.querySelector(`#${id} .chart`);
    const [times, ...lines] = data;
    const sums = times.map(() => 0);
    const stacked = lines.map((line) => line.map((value, at) => (sums[at] += value ?? 0)));
    // The first line is the highest one, and is drawn over the others; of areas, the highest sum is behind the others.
    const shown = (isStacked ? stacked : lines).toReversed();
    const series = colors.toReversed().map((stroke) => ({
      stroke,
      width: 1.5,
      points: { show: false },
      ...(isStacked && { fill: stroke }),
    }));
    place.chart = new uPlot(
      {
        width: place.clientWidth,
        height: place.clientHeight,
        legend: { show: false },
        cursor: { show: false },
        scales: { y: { range: (_, __, high) => [0, max ?? (high > 0 ? high * 1.05 : 1)] } },
        axes: [axis, { ...axis, size: 62, values: (_, splits) => splits.map((value) => label(value, unit)) }],
        series: [{}, ...series],
      },
      [times, ...shown],
      place,
    );
  }
}
