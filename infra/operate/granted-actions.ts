/** A role's permissions, as `az role definition list` prints them. */
export interface Permissions {
  readonly actions: readonly string[];
  readonly notActions: readonly string[];
  readonly dataActions: readonly string[];
  readonly notDataActions: readonly string[];
}

/** What a role is to allow. */
export interface Wanted {
  readonly actions: readonly string[];
  readonly dataActions: readonly string[];
}

/** Of what is wanted, all that no permission grants. A `not…` takes from its own role alone, as in Azure. */
export function findMissing(wanted: Wanted, granted: readonly Permissions[]): readonly string[] {
  return [
    ...wanted.actions.filter((action) => !granted.some((each) => allows(each.actions, each.notActions, action))),
    ...wanted.dataActions.filter(
      (action) => !granted.some((each) => allows(each.dataActions, each.notDataActions, action)),
    ),
  ];
}

function allows(patterns: readonly string[], exceptions: readonly string[], action: string): boolean {
  return patterns.some((pattern) => covers(pattern, action)) && !exceptions.some((each) => overlaps(each, action));
}

/** `*` stands for anything, in what is granted and in what is wanted (`…/blobServices/containers/blobs/*`). */
function covers(pattern: string, action: string): boolean {
  const text = pattern.replaceAll(/[.+?^${}()|[\]\\]/g, String.raw`\$&`).replaceAll("*", ".*");
  return new RegExp(`^${text}$`, "i").test(action);
}

function overlaps(exception: string, action: string): boolean {
  return covers(exception, action) || covers(action, exception);
}
