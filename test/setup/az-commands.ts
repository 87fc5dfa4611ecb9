/** The required and the optional options of a command of the Azure CLI. */
interface AzUsage {
  readonly must: readonly string[];
  readonly may?: readonly string[];
}

const NAMED = ["resource-group", "name"];
const FUNCTION = [...NAMED, "function-name"];

/** The commands that pages contain. Each also has `--subscription`, `--query` and `--output`. */
const COMMANDS: Readonly<Record<string, AzUsage>> = {
  "account set": { must: ["subscription"] },
  "aks install-cli": { must: [] },
  "aks nodepool delete-machines": { must: [...NAMED, "cluster-name", "machine-names"] },
  "aks show": { must: NAMED },
  "aks update": { must: NAMED, may: ["api-server-authorized-ip-ranges", "nrg-lockdown-restriction-level", "yes"] },
  "bicep install": { must: [] },
  "deployment sub create": { must: ["location", "parameters"], may: ["name"] },
  "deployment sub what-if": { must: ["location", "parameters"], may: ["name"] },
  "eventgrid system-topic event-subscription delete": { must: [...NAMED, "system-topic-name"] },
  "functionapp deployment source config-zip": { must: [...NAMED, "src"] },
  "functionapp function keys list": { must: FUNCTION },
  "functionapp function show": { must: FUNCTION },
  "extension add": { must: ["name"] },
  "grafana dashboard import": { must: [...NAMED, "definition"], may: ["overwrite"] },
  "group delete": { must: ["name"], may: ["yes"] },
  "identity federated-credential create": {
    must: [...NAMED, "identity-name", "issuer", "audiences", "subject"],
  },
  login: { must: [] },
  "monitor account show": { must: NAMED },
  "network private-dns link vnet create": {
    must: [...NAMED, "zone-name", "virtual-network", "registration-enabled"],
  },
  "provider register": { must: ["namespace"] },
  "resource delete": { must: ["ids"] },
  "resource list": { must: [], may: ["tag"] },
  "role assignment delete": { must: ["ids"] },
  "role assignment list": { must: [], may: ["all", "role"] },
  "role definition delete": { must: ["name"] },
  "role definition list": { must: [], may: ["custom-role-only"] },
  "vmss run-command invoke": { must: [...NAMED, "instance-id", "command-id", "scripts"] },
};

const EVERYWHERE = ["subscription", "query", "output"];

/** What an older Azure CLI does not have (azure-cli's HISTORY.rst), and the version from which it does. */
const SINCE: readonly (readonly [RegExp, string])[] = [
  [/--parameters \S+\.bicepparam(?!.*--template-file)/, "2.53.0"],
  [/--nrg-lockdown-restriction-level/, "2.68.0"],
];

/** Returns a sentence for each option of a line's az commands that is unknown or missing. */
export function azFaults(line: string): readonly string[] {
  return commandsIn(line).flatMap((command) => {
    const [words = ""] = /^(?:[a-z][\w-]*(?: |$))+/.exec(command) ?? [];
    const usage = COMMANDS[words.trim()];
    if (!usage) return [`test/setup/az-commands.ts does not have az ${words.trim()}`];
    const given = Array.from(command.matchAll(/(?:^| )--([\w-]+)/g), ([, name = ""]) => name);
    const known = [...usage.must, ...(usage.may ?? []), ...EVERYWHERE];
    return [
      ...given.filter((name) => !known.includes(name)).map((name) => `az ${words}has no --${name}`),
      ...usage.must.filter((name) => !given.includes(name)).map((name) => `az ${words}lacks --${name}`),
    ];
  });
}

/** Returns the versions of the Azure CLI that a text needs. */
export function azVersionsFor(text: string): readonly string[] {
  return SINCE.filter(([pattern]) => pattern.test(text)).map(([, version]) => version);
}

/** Returns the az commands of a line, without `az`, and without those inside of them. */
function commandsIn(line: string): readonly string[] {
  const inner = Array.from(line.matchAll(/\$\(az ([^()]*(?:\([^()]*\)[^()]*)*)\)/g), ([, command = ""]) => command);
  const outer = line.replaceAll(/\$\((?:[^()]|\([^()]*\))*\)/g, "_");
  const own = Array.from(outer.matchAll(/(?:^|&& |[\w]+=\S+ |^\s+)az ([^;&|]*)/g), ([, command = ""]) => command);
  return [...inner, ...own];
}
