/** What `az eventgrid system-topic list` says of a topic, as far as it matters here. */
export interface SystemTopic {
  readonly name: string;
  readonly resourceGroup: string;
  readonly source: string;
  readonly topicType: string;
  readonly tags?: Readonly<Record<string, string>> | null;
  readonly identity?: { readonly type?: string | null } | null;
}

/** What events are wanted of: the template makes a topic for it, unless there is one. */
export interface Source {
  readonly id: string;
  readonly topicType: string;
}

/**
 * The topic that somebody else made for a source, which can have only one. One of the template's own is none of these:
 * it has the template's name and the tag of this deployment, and the template is to go on caring for it.
 */
export function findTopic(topics: readonly SystemTopic[], source: Source, environmentName: string) {
  const ours = ({ name, tags }: SystemTopic): boolean =>
    name.startsWith("evgt-awm-") && tags?.["azd-env-name"] === environmentName;
  // A subscription is the source of topics of several types, and has one of each.
  return topics.find(
    (topic) => isSame(topic.source, source.id) && isSame(topic.topicType, source.topicType) && !ours(topic),
  );
}

/** What somebody has to do before a topic that was found can be used; nothing where it can. */
export function topicFault(topic: SystemTopic, subscriptionId: string): string | undefined {
  if (/\bSystemAssigned\b/i.test(topic.identity?.type ?? "")) return undefined;
  return [
    `the system topic ${topic.name} of ${topic.source} has no system-assigned identity,`,
    "with which it puts dead letters aside. Give it one, then run this again:",
    `  az eventgrid system-topic update --subscription ${subscriptionId} --resource-group ${topic.resourceGroup}` +
      ` --name ${topic.name} --identity systemassigned`,
  ].join("\n");
}

/** Azure's ids know no case. */
export function isSame(one: string, other: string): boolean {
  return one.toLowerCase() === other.toLowerCase();
}
