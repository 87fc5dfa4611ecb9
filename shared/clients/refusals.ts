import type { Names } from "../model/refusal.ts";

/** For each resource provider: the role that grants its actions, and the scope of the assignment. */
const ROLE_BY_PROVIDER: readonly (readonly [RegExp, string])[] = [
  [
    /^Microsoft\.Compute\/virtualMachineScaleSets\/extensions\/delete$/i,
    "the role in infra/roles/node-resource-group.json with its uninstallActions on the cluster's node resource group " +
      "(the template's parameter allowUninstall, ALLOW_UNINSTALL=true)",
  ],
  [/^Microsoft\.Compute\//i, "the role in infra/roles/node-resource-group.json on the cluster's node resource group"],
  [/^Microsoft\.ContainerService\//i, "the role in infra/roles/cluster.json on the cluster"],
  [/^Microsoft\.Storage\//i, "the role in infra/roles/package.json on the package's storage account"],
];

/** An explanation of a refusal, and what it names, for the command that ends it. */
export interface Explained {
  readonly text: string;
  readonly names: Names;
}

type Explain = (text: string) => Explained;

const plain =
  (text: string): Explain =>
  () => ({ text, names: {} });

/**
 * What a person has to mend before ARM accepts the call, by the code of its error (Azure/AKS#3291 for locks, otherwise
 * the common errors of Azure Resource Manager). Each explanation names what refuses, where, and what to do.
 */
const EXPLANATIONS: Readonly<Record<string, Explain>> = {
  ScopeLocked: (text) => {
    const scope = /locked: '([^']+)'/i.exec(text)?.[1] ?? /scope '([^']+)'/i.exec(text)?.[1];
    return scope === undefined
      ? { text: "A lock refuses the call. Remove it: az lock list, then az lock delete.", names: {} }
      : {
          text: `A lock on ${scope} refuses the call. Find it with az lock list --resource ${scope}, and remove it with az lock delete.`,
          names: { scope },
        };
  },
  RequestDisallowedByPolicy: (text) => {
    const assignment = /"policyAssignment":\{[^}]*"id":"([^"]+)"/i.exec(text)?.[1];
    const by = assignment === undefined ? "" : ` by the assignment ${assignment}`;
    return {
      text: `Azure Policy refuses the call${by}. Exempt the scale set from it: az policy exemption create.`,
      names: assignment === undefined ? {} : { assignment },
    };
  },
  ReadOnlyDisabledSubscription: plain("The subscription is disabled, and Azure refuses every write. Enable it again."),
  ResourceGroupBeingDeleted: plain(
    "The resource group is being deleted. Remove the cluster from AKS_CLUSTER_IDS if it is.",
  ),
  MissingSubscriptionRegistration: plain(
    "The subscription is not registered for the resource provider. Register it: az provider register --namespace Microsoft.Compute.",
  ),
  NotSupported: plain("Azure does not support the call for this scale set."),
  DenyAssignmentAuthorizationFailed: plain(
    "A deny assignment blocks the call, because the node resource group is locked. Unlock it (az aks update --nrg-lockdown-restriction-level Unrestricted).",
  ),
};

/** Returns whether an error waits for a person, whatever its HTTP status: ARM answers 409 for locks, for example. */
export function isRefusal(code: string | undefined): boolean {
  return code !== undefined && Object.hasOwn(EXPLANATIONS, code);
}

/** Returns the service's message with an explanation before it: what refuses the call, where, and what to do. */
export function explainRefusal(code: string | undefined, text: string): Explained {
  const explain = code !== undefined && Object.hasOwn(EXPLANATIONS, code) ? EXPLANATIONS[code] : undefined;
  const explained = explain?.(text) ?? explainPermission(text);
  return explained ? { text: `${explained.text} ${text}`, names: explained.names } : { text, names: {} };
}

/**
 * Explains a missing permission. `LinkedAuthorizationFailed` names two actions: the one that the identity has, then the
 * missing one on a linked scope (text in kubernetes/autoscaler#1900).
 */
function explainPermission(text: string): Explained | undefined {
  const linked = /action\(?s?\)? '([^']+)' on the linked scope\(?s?\)? '([^']+)'/i.exec(text);
  const plain = /perform action '([^']+)'(?: over scope '([^']+)')?/i.exec(text);
  const [, action, scope] = linked ?? plain ?? [];
  if (action === undefined) return undefined;
  const role = ROLE_BY_PROVIDER.find(([provider]) => provider.test(action))?.[1] ?? "a role that allows it";
  const where = linked && scope !== undefined ? ` on ${scope}` : "";
  return {
    text: `The app's identity lacks the permission ${action}${where}. Assign ${role}. A new assignment takes up to 10 minutes to take effect.`,
    names: { action, ...(scope !== undefined && { scope }) },
  };
}
