// Plain JavaScript for any Node from 18 on: it runs before anything is installed.

/** The oldest Node that the app and its tests run on; `engines` of package.json says the same. */
export const OLDEST_NODE = "22.19.0";

/**
 * What keeps `installed` (node_modules/.package-lock.json) from being what `wanted` (package-lock.json) asks for on a
 * machine, or undefined. Optional packages may be missing, as most are made for other machines; the ones that the
 * project itself names, if this machine can use them, may not.
 */
export function whatDiffers(wanted, installed, machine) {
  if (installed === undefined) return "nothing is installed";
  const { "": root, ...packages } = wanted.packages;
  const own = Object.keys(root?.optionalDependencies ?? {}).map((name) => `node_modules/${name}`);
  for (const [path, entry] of Object.entries(packages)) {
    const found = installed.packages[path];
    const isNeeded = !entry.optional || (own.includes(path) && isFor(entry, machine));
    if (found ? !isSame(found, entry) : isNeeded) return `${path} is not ${entry.version}`;
  }
  const extra = Object.keys(installed.packages).find((path) => !(path in packages));
  return extra && `${extra} is not asked for`;
}

/** Whether a Node of this version (`v24.21.0`) is recent enough. */
export function isRecent(version) {
  const [major = 0, minor = 0] = numbersOf(version);
  const [oldestMajor = 0, oldestMinor = 0] = numbersOf(OLDEST_NODE);
  return major > oldestMajor || (major === oldestMajor && minor >= oldestMinor);
}

function isSame(found, entry) {
  return found.version === entry.version && found.integrity === entry.integrity;
}

/** npm keeps `os` and `cpu` as the package has them: a text or a list. */
function isFor({ os = [], cpu = [] }, { platform, arch }) {
  return [os].flat().includes(platform) && [cpu].flat().includes(arch);
}

function numbersOf(version) {
  return version.replace(/^v/, "").split(".").map(Number);
}
