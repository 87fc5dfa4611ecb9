import { mkdirSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Azure, Call } from "./azure.ts";
import { Refusal, type Tool, one } from "./tool.ts";

export const func: Tool = {
  "azure functionapp publish": {
    words: 1,
    may: ["javascript", "no-build", "subscription"],
    run: (azure, call, [app]) => {
      if (!readdirSync(".").includes("host.json")) {
        throw new Refusal("Unable to find project root. Expecting to find host.json.");
      }
      // Without local.settings.json, which is not deployed, func cannot detect the language.
      if (!("javascript" in call.options)) {
        throw new Refusal("Worker runtime cannot be 'None'. Please set a valid runtime.");
      }
      Object.assign(call, {
        input: readdirSync(".", { recursive: true })
          .map(String)
          .toSorted((a, b) => (a < b ? -1 : 1))
          .join(" "),
      });
      if (azure.publishing === "fails") throw new Refusal("Error uploading archive.");
      azure.published = true;
      return `Deployment completed successfully to ${app}.`;
    },
  },
};

export const npm: Tool = {
  ci: { run: () => "added 300 packages" },
  "run package": {
    may: ["silent"],
    run: () => {
      mkdirSync(".cache/package/app/dist", { recursive: true });
      for (const file of ["host.json", "package.json", "dist/main.js"]) {
        writeFileSync(join(".cache/package/app", file), "{}");
      }
      return "";
    },
  },
};

const CLUSTER = ["kubeconfig", "request-timeout"] as const;

export const kubectl: Tool = {
  kustomize: { words: 1, run: (_, __, [folder = ""]) => kustomize(folder) },
  "get namespace": {
    words: 1,
    must: CLUSTER,
    may: ["ignore-not-found", "output"],
    run: (azure, call, [name = ""]) => {
      reach(azure, call);
      if (azure.namespaces.includes(name)) return `namespace/${name}`;
      if ("ignore-not-found" in call.options) return "";
      throw new Refusal(`Error from server (NotFound): namespaces "${name}" not found`);
    },
  },
  // The clusters have no Service yet, or one that names no overlay.
  "get service": {
    words: 1,
    must: [...CLUSTER, "namespace", "output"],
    may: ["ignore-not-found"],
    run: (azure, call) => {
      reach(azure, call);
      return "";
    },
  },
  "create namespace": {
    words: 1,
    must: CLUSTER,
    run: (azure, call, [name = ""]) => {
      reach(azure, call);
      if (azure.namespaces.includes(name)) throw new Refusal(`Error from server (AlreadyExists): namespaces "${name}"`);
      azure.namespaces.push(name);
      return `namespace/${name} created`;
    },
  },
  apply: {
    must: [...CLUSTER, "filename"],
    run: (azure, call) => {
      reach(azure, call);
      const input = one(call, "filename") === "-" ? readFileSync(0, "utf8") : "";
      const [invalid] = /^ {2}name: .*[%/].*$/m.exec(input) ?? [];
      if (invalid !== undefined) throw new Refusal(`invalid resource name in "${invalid}"`);
      Object.assign(call, { input });
      return "applied";
    },
  },
};

export const kubelogin: Tool = {
  "convert-kubeconfig": { must: ["login", "kubeconfig"], run: () => "" },
};

export const azd: Tool = {
  "env set": {
    words: 2,
    run: ({ azdEnv }, _, [name = "", value = ""]) => {
      azdEnv[name] = value;
      return "";
    },
  },
  provision: {
    may: ["no-prompt"],
    run: (azure, call) => {
      Object.assign(call, { variables: { ...azure.azdEnv } });
      if (azure.deploying === "fails") throw new Refusal("ERROR: deployment failed");
      return "SUCCESS";
    },
  },
};

function reach({ unreachable, forbidden, journal }: Azure, call: Call): void {
  const [name = "", plugin] = readFileSync(one(call, "kubeconfig"), "utf8").split("\n");
  if (plugin !== undefined && !journal.some(({ tool }) => tool === "kubelogin")) {
    throw new Refusal("error: exec: executable kubelogin not found\n\nkubelogin is not installed");
  }
  if (forbidden.includes(name)) {
    throw new Refusal(
      'Error from server (Forbidden): namespaces "monitoring" is forbidden: User "me" cannot get resource',
    );
  }
  if (unreachable.includes(name)) {
    throw new Refusal(`Unable to connect to the server: dial tcp: lookup ${name}: no such host`);
  }
}

/** Returns the manifests, all with the namespace: the tests do not check cluster-scoped objects. */
function kustomize(folder: string): string {
  const kustomization = readFileSync(join(folder, "kustomization.yaml"), "utf8");
  const namespace = /^namespace: (\S+)$/m.exec(kustomization)?.[1] ?? "default";
  const files = [...kustomization.matchAll(/^ {2}- (\S+\.yaml)$/gm)].map(([, file = ""]) =>
    readFileSync(join(folder, file), "utf8"),
  );
  return files.join("---\n").replaceAll("metadata:\n", `metadata:\n  namespace: ${namespace}\n`);
}
