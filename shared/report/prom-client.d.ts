/** The parts of prom-client that the app uses; its main file would load the default metrics of Node.js. */
declare module "prom-client/lib/registry.js" {
  export default class Registry {
    static readonly PROMETHEUS_CONTENT_TYPE: string;
    metrics(): Promise<string>;
  }
}

declare module "prom-client/lib/gauge.js" {
  import type Registry from "prom-client/lib/registry.js";

  export default class Gauge {
    constructor(options: { name: string; help: string; labelNames: string[]; registers: Registry[] });
    set(labels: Readonly<Record<string, string>>, value: number): void;
  }
}

declare module "prom-client/lib/counter.js" {
  import type Registry from "prom-client/lib/registry.js";

  export default class Counter {
    constructor(options: { name: string; help: string; labelNames: string[]; registers: Registry[] });
    inc(labels: Readonly<Record<string, string>>, value: number): void;
  }
}
