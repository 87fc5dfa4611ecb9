/** The permissions of a role, as in `az role definition list`. */
export interface Permissions {
  readonly actions: readonly string[];
  readonly notActions: readonly string[];
  readonly dataActions: readonly string[];
  readonly notDataActions: readonly string[];
}

/** The actions that an identity needs. */
export interface RequiredActions {
  readonly actions: readonly string[];
  readonly dataActions: readonly string[];
}

/** Returns the required actions that no role grants. As in Azure, `notActions` restrict only their own role. */
export function findMissing(required: RequiredActions, granted: readonly Permissions[]): readonly string[] {
  return [
    ...required.actions.filter((action) => !granted.some((each) => allows(each.actions, each.notActions, action))),
    ...required.dataActions.filter(
      (action) => !granted.some((each) => allows(each.dataActions, each.notDataActions, action)),
    ),
  ];
}

function allows(patterns: readonly string[], exceptions: readonly string[], action: string): boolean {
  return patterns.some((pattern) => covers(pattern, action)) && !exceptions.some((each) => overlaps(each, action));
}

/** Matches `*` as a wildcard. A required action can contain one too: `…/blobServices/containers/blobs/*`. */
function covers(pattern: string, action: string): boolean {
  const text = pattern.replaceAll(/[.+?^${}()|[\]\\]/g, String.raw`\$&`).replaceAll("*", ".*");
  return new RegExp(`^${text}$`, "i").test(action);
}

function overlaps(exception: string, action: string): boolean {
  return covers(exception, action) || covers(action, exception);
}
