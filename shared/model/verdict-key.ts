import type { Subject, Verdict } from "./plan.ts";

/** Names a verdict in memory: a subject, its state and the reason. */
export function verdictKey({ subject, state, because }: Pick<Verdict, "subject" | "state" | "because">): string {
  return `${subjectKey(subject)} ${state} ${because ?? ""}`;
}

function subjectKey(subject: Subject): string {
  switch (subject.kind) {
    case "cluster":
      return subject.cluster;
    case "scale-set":
      return subject.scaleSet;
    case "instance":
      return subject.vmId;
    case "node":
      return subject.node;
    default:
      return subject satisfies never;
  }
}
