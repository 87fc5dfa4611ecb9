// Plain JavaScript for any Node from 18 on: it runs before anything is installed.

/** The oldest Node that app and tests run on, as `engines` of package.json says, and the oldest of those after 22. */
export const OLDEST_NODES = ["22.19", "24.5"];

/**
 * What keeps `installed` (node_modules/.package-lock.json) from being what `wanted` (package-lock.json) asks for on a
 * machine, or undefined. Optional packages for other machines, and for any, may be missing.
 */
export function whatDiffers(wanted, installed, machine) {
  if (installed === undefined) return "nothing is installed";
  const { "": _project, ...packages } = wanted.packages;
  for (const [path, entry] of Object.entries(packages)) {
    const found = installed.packages[path];
    const isNeeded = !entry.optional || isFor(entry, machine);
    if (found ? !isSame(found, entry) : isNeeded) return `${path} is not ${entry.version}`;
  }
  const extra = Object.keys(installed.packages).find((path) => !(path in packages));
  return extra && `${extra} is not asked for`;
}

/** The package with a Node for this machine, if the project names one, and where its program is. */
export function findNode({ packages }, machine) {
  for (const name of Object.keys(packages[""]?.optionalDependencies ?? {})) {
    const entry = packages[`node_modules/${name}`];
    if (entry?.bin?.node && isFor(entry, machine)) return { name, program: `${name}/${entry.bin.node}` };
  }
  return undefined;
}

/** Whether a Node of this version (`v24.21.0`) is recent enough: certificates can be trusted while it runs. */
export function isRecent(version) {
  const [major = 0, minor = 0] = version.replace(/^v/, "").split(".").map(Number);
  const [first, later] = OLDEST_NODES.map((oldest) => oldest.split(".").map(Number));
  const [oldestMajor, oldestMinor] = major > first[0] ? later : first;
  return major > oldestMajor || (major === oldestMajor && minor >= oldestMinor);
}

function isSame(found, entry) {
  return found.version === entry.version && found.integrity === entry.integrity;
}

/** Made for this machine by name. npm keeps `os` and `cpu` as the package has them: a text or a list. */
function isFor({ os = [], cpu = [], libc }, machine) {
  const isLibc = libc === undefined || [libc].flat().includes(machine.libc);
  return isLibc && [os].flat().includes(machine.platform) && [cpu].flat().includes(machine.arch);
}
