/** One package of a lock file. */
interface LockedPackage {
  readonly version?: string;
  readonly integrity?: string;
  readonly optional?: boolean;
  readonly os?: string | readonly string[];
  readonly cpu?: string | readonly string[];
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

interface LockFile {
  readonly packages: Readonly<Record<string, LockedPackage>>;
}

interface Machine {
  readonly platform: string;
  readonly arch: string;
}

export declare const OLDEST_NODE: string;
export declare function whatDiffers(
  wanted: LockFile,
  installed: LockFile | undefined,
  machine: Machine,
): string | undefined;
export declare function isRecent(version: string): boolean;
