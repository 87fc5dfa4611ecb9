// Plain JavaScript for Node 18 and later, because it runs before any package is installed.

/** The minimum versions of Node 22 and of later majors for app and tests, as in `engines` of package.json. */
export const OLDEST_NODES = ["22.19", "24.5"];

/**
 * Returns the first difference between `installed` (node_modules/.package-lock.json) and `wanted` (package-lock.json) on
 * a machine, or undefined. Optional packages for other machines, and for all machines, can be missing.
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
  return extra && `${extra} is not in package-lock.json`;
}

/** Returns the package with a Node for this machine, if the project names one, and the path of its program. */
export function findNode({ packages }, machine) {
  for (const name of Object.keys(packages[""]?.optionalDependencies ?? {})) {
    const entry = packages[`node_modules/${name}`];
    if (entry?.bin?.node && isFor(entry, machine)) return { name, program: `${name}/${entry.bin.node}` };
  }
  return undefined;
}

/** Returns whether a Node version (`v24.21.0`) is recent enough to trust certificates at runtime. */
export function isRecent(version) {
  const [major = 0, minor = 0] = version.replace(/^v/, "").split(".").map(Number);
  const [first, later] = OLDEST_NODES.map((oldest) => oldest.split(".").map(Number));
  const [oldestMajor, oldestMinor] = major > first[0] ? later : first;
  return major > oldestMajor || (major === oldestMajor && minor >= oldestMinor);
}

function isSame(found, entry) {
  return found.version === entry.version && found.integrity === entry.integrity;
}

/** Returns whether a package is for this machine. `os` and `cpu` are a text or a list, as in the package. */
function isFor({ os = [], cpu = [], libc }, machine) {
  const isLibc = libc === undefined || [libc].flat().includes(machine.libc);
  return isLibc && [os].flat().includes(machine.platform) && [cpu].flat().includes(machine.arch);
}
