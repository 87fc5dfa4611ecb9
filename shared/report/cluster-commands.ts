import { splitId } from "../model/ids.ts";
import { OWNER_LABEL, PAUSED_ANNOTATION, SERVICE_NAME } from "../model/slice.ts";
import type { Command, RemedyContext } from "./remedy-context.ts";
import { quote } from "./shell.ts";

/** Runs kubectl in the cluster, whose context has its name (`az aks get-credentials`), and in the Service's namespace. */
function kubectl(args: (ctx: RemedyContext) => string | undefined): Command {
  return (ctx) => {
    const more = args(ctx);
    const { name } = splitId(ctx.cluster);
    return more && `kubectl --context ${name} --namespace ${ctx.app.namespace} ${more}`;
  };
}

export const removeSelector = kubectl(
  () => `patch service ${SERVICE_NAME} --type json --patch '[{"op":"remove","path":"/spec/selector"}]'`,
);

export const resumePublishing = kubectl(() => `annotate service ${SERVICE_NAME} ${PAUSED_ANNOTATION}-`);

export const deleteObjectsOfOwner = kubectl(
  ({ names: { owner } }) => owner && `delete endpointslices,endpoints --selector ${OWNER_LABEL}=${quote(owner)}`,
);

/** Deletes the Endpoints object, which has the name of the Service, or one of the EndpointSlices. */
export const deleteObject = kubectl(
  ({ names: { object } }) =>
    object && `delete ${object === SERVICE_NAME ? "endpoints" : "endpointslice"} ${quote(object)}`,
);

export const deleteNode = kubectl(({ node }) => node && `delete node ${quote(node)}`);

/** Creates the Service and its namespace, and grants the app its permissions; run in a folder with this project. */
export const applyManifests: Command = ({ app: { principalId, namespace }, cluster }) =>
  principalId &&
  `bash infra/operate/apply-manifests.sh --principal ${principalId} --namespace ${namespace} --cluster ${quote(cluster)}`;

/** Runs every flow of the cluster, or of one of its pools, now. */
export function resync(parameters = ""): Command {
  return (ctx) => post("resync", ctx, parameters);
}

/** Ends the pauses of the cluster, and that of the pool. */
export const endPause: Command = (ctx) => {
  const { pool: _, ...ofCluster } = ctx;
  const all = post("pause", ofCluster, "&for=PT0S");
  return ctx.pool === undefined ? all : `${all} && ${post("pause", ctx, "&for=PT0S")}`;
};

/** Calls a function of the app; KEY is its key. App Service answers 411 to a request without a body. */
function post(name: string, { app: { origin, clusters }, cluster, pool }: RemedyContext, parameters: string): string {
  const { name: short } = splitId(cluster);
  const isUnique = clusters.filter((each) => splitId(each).name === short).length === 1;
  const only = pool === undefined ? "" : `&pool=${encodeURIComponent(pool)}`;
  const url = `${origin}/api/${name}?cluster=${isUnique ? short : cluster}${only}${parameters}`;
  return `curl --fail-with-body --request POST --data "" --header "x-functions-key: $KEY" '${url.replaceAll("'", "%27")}'`;
}
