import type { Plugin } from "esbuild";

/** Packages that the app never runs, by their path; others import them at the first use of an option. */
const PACKAGES: readonly RegExp[] = [
  // Lists of blobs in the format of Apache Arrow.
  /\/apache-arrow\//,
  // Sign-in with a browser.
  /\/open\//,
];

/** Parts of packages that the app never runs, although their packages load them. */
const PARTS: readonly RegExp[] = [
  // What undici has besides fetch and its agents.
  /\/undici\/lib\/(?:cache|interceptor|mock|web\/(?:cookies|eventsource|websocket))\//,
  // HTTP/2, which the agent switches off, and SOCKS: the app supports HTTP proxies.
  /\/undici\/lib\/(?:dispatcher\/(?:client-h2|h2c-client|socks5-proxy-agent)|core\/socks5-\w+)\.js$/,
  // Two parsers for an environment variable, and one for processors with SIMD: undici has one for every processor.
  /\/undici\/lib\/(?:milo\/(?:no-)?simd|llhttp\/llhttp_simd-wasm)\.js$/,
];

/**
 * A package whose modules have no effect when they are loaded, although it does not say so: esbuild leaves out those of
 * which the app uses nothing, with `ws`, `jsonpath-plus`, `tar-fs`, `hpagent` and `openid-client`, which they import.
 */
const PURE = "@kubernetes/client-node";

/**
 * Keeps out of the bundle what the app never runs: each worker downloads the zip before it starts. A module that is needed
 * after all fails with a sentence that names it.
 */
export const leaveOut: Plugin = {
  name: "leave-out",
  setup: (building) => {
    const unused = new Set([...PACKAGES, ...PARTS]);
    building.onLoad({ filter: /[\\/]node_modules[\\/]/ }, ({ path }) => {
      const file = path.replaceAll("\\", "/");
      const rule = [...PACKAGES, ...PARTS].find((each) => each.test(file));
      if (!rule) return undefined;
      unused.delete(rule);
      const name = file.replace(/^.*\/node_modules\//, "");
      const fails = `throw new Error("The bundle lacks ${name}. Remove it from infra/operate/left-out.ts.");`;
      return { contents: PACKAGES.includes(rule) ? fails : failingLater(fails), loader: "js" };
    });
    building.onResolve({ filter: /^(?:\.|@kubernetes\/)/ }, async ({ path, pluginData, ...options }) => {
      const isPure = path === PURE || options.importer.includes(PURE);
      if (pluginData === leaveOut || !isPure) return undefined;
      return { ...(await building.resolve(path, { ...options, pluginData: leaveOut })), sideEffects: false };
    });
    building.onEnd(() => ({ errors: [...unused].map(toError) }));
  },
};

const toError = (rule: RegExp): { readonly text: string } => ({
  text: `infra/operate/left-out.ts: found no module for ${rule.source}, remove it.`,
});

/** Returns a module with functions of every name that fail; to load it is harmless. */
function failingLater(fails: string): string {
  return `function fail() { ${fails} }
module.exports = new Proxy(fail, { get: (_, key) => (key === "__esModule" || key === "then" ? undefined : fail) });`;
}
