/** The fields of `az eventgrid system-topic list` that the scripts use. */
export interface SystemTopic {
  readonly name: string;
  readonly resourceGroup: string;
  readonly source: string;
  readonly topicType: string;
  readonly tags?: Readonly<Record<string, string>> | null;
  readonly identity?: { readonly type?: string | null } | null;
}

/** A source of events. The template creates a system topic for it unless one exists. */
export interface Source {
  readonly id: string;
  readonly topicType: string;
}

/**
 * Returns the system topic of a source that this deployment did not create, or undefined. A source can have only one.
 * The template continues to manage its own topics, which have its name prefix and the tag of this deployment.
 */
export function findTopic(topics: readonly SystemTopic[], source: Source, environmentName: string) {
  const ours = ({ name, tags }: SystemTopic): boolean =>
    name.startsWith("evgt-awm-") && tags?.["azd-env-name"] === environmentName;
  // A subscription can be the source of one topic of each type.
  return topics.find(
    (topic) => isSame(topic.source, source.id) && isSame(topic.topicType, source.topicType) && !ours(topic),
  );
}

/** Returns why an existing topic cannot be used, and the command that corrects it; undefined if it can be used. */
export function topicFault(topic: SystemTopic, subscriptionId: string): string | undefined {
  if (/\bSystemAssigned\b/i.test(topic.identity?.type ?? "")) return undefined;
  return [
    `The system topic ${topic.name} of ${topic.source} has no system-assigned identity,`,
    "which it needs to write dead-lettered events. Assign one, then deploy again:",
    `  az eventgrid system-topic update --subscription ${subscriptionId} --resource-group ${topic.resourceGroup}` +
      ` --name ${topic.name} --identity systemassigned`,
  ].join("\n");
}

/** Compares two IDs or names of Azure, which are not case-sensitive. */
export function isSame(one: string, other: string): boolean {
  return one.toLowerCase() === other.toLowerCase();
}
