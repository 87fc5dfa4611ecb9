/** One package of a lock file. */
interface LockedPackage {
  readonly version?: string;
  readonly integrity?: string;
  readonly optional?: boolean;
  readonly os?: string | readonly string[];
  readonly cpu?: string | readonly string[];
  readonly libc?: string | readonly string[];
  readonly bin?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

interface LockFile {
  readonly packages: Readonly<Record<string, LockedPackage>>;
}

interface Machine {
  readonly platform: string;
  readonly arch: string;
  /** On Linux: glibc or musl. */
  readonly libc?: string | undefined;
}

export declare const OLDEST_NODES: readonly string[];
export declare function whatDiffers(
  wanted: LockFile,
  installed: LockFile | undefined,
  machine: Machine,
): string | undefined;
export declare function findNode(wanted: LockFile, machine: Machine): { name: string; program: string } | undefined;
export declare function isRecent(version: string): boolean;
