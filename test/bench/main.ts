import { parseArgs } from "node:util";
import { benchEndpoints } from "./endpoints/bench.ts";
import { benchLoad } from "./load.ts";

/** `npm run bench -- NAME [--rounds N]`: prints a line with the figures of each variant. */
const BENCHES: Readonly<Record<string, (rounds: number) => readonly string[] | Promise<readonly string[]>>> = {
  endpoints: benchEndpoints,
  load: benchLoad,
};

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { rounds: { type: "string", default: "15" } },
});
const bench = BENCHES[positionals[0] ?? ""];
if (bench) {
  for (const line of await bench(Number(values.rounds))) console.log(line);
} else {
  console.error(`expected the name of a benchmark, one of ${Object.keys(BENCHES).join(", ")}`);
  process.exitCode = 1;
}
