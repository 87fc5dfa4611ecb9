import type { ClusterStatus, Status } from "../../shared/report/status.ts";
import type { FunctionsHost } from "../simulators/host/functions-host.ts";

/** Tells what the app's own status says, as it changes: a line for each event, and one for each other headline. */
export class Narrator {
  readonly #host: FunctionsHost;
  readonly #print: (line: string) => void;
  readonly #told = new Set<string>();
  #headline = "";

  constructor(host: FunctionsHost, print: (line: string) => void) {
    this.#host = host;
    this.#print = print;
  }

  /** The address of the status page for a browser. */
  get page(): string {
    return `${this.#host.url}/api/status?code=${this.#host.functionKeys["status"] ?? ""}`;
  }

  /** Prints what is new since the last call. */
  async tell(): Promise<void> {
    const answer = await fetch(this.page);
    const status = (await answer.json()) as Status;
    for (const cluster of status.clusters ?? []) this.#tellCluster(cluster, status.at);
  }

  #tellCluster({ timeline, headline, level }: ClusterStatus, at: string): void {
    for (const event of timeline.toReversed()) {
      const line = `    ${timeOf(event.at)}  ${event.text}`;
      if (!this.#told.has(event.at + event.text)) this.#print(line);
      this.#told.add(event.at + event.text);
    }
    if (headline === this.#headline) return;
    this.#headline = headline;
    this.#print(`    ${timeOf(at)}  ${SIGNS[level]} ${headline}`);
  }
}

const SIGNS: Readonly<Record<ClusterStatus["level"], string>> = { trouble: "!", waiting: "A", working: "…", well: "✓" };

function timeOf(iso: string): string {
  return iso.slice(11, 16);
}
