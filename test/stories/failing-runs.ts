import type { Passes } from "../passes.ts";

type Dsc = Passes["world"]["dsc"];
type Run = Parameters<Dsc["run"]>[0];

/** Lets the runs of the DSC extension that match fail so; returns a function that ends that. */
export function failRuns(
  dsc: Dsc,
  failure: NonNullable<Run["failure"]>,
  matches: (run: Run) => boolean = () => true,
): () => void {
  const { run } = dsc;
  dsc.run = (each) => run({ ...each, ...(matches(each) && { failure }) });
  return () => {
    dsc.run = run;
  };
}
