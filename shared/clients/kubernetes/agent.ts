import type { Dispatcher } from "undici";
import { DecoratorHandler, EnvHttpProxyAgent } from "../sdk/kubernetes.ts";
import { KubeResponseError } from "./errors.ts";

/** Time limit of a connection, with its TLS handshake. */
export const CONNECT_MS = 5000;

/** The CA of an API server, and the client certificate where no token authenticates the app. */
export interface KubeTrust {
  readonly ca: string;
  readonly cert?: string;
  readonly key?: string;
}

/**
 * Creates the agent for one API server. It connects through the proxy that HTTPS_PROXY and NO_PROXY name, keeps
 * connections alive between requests, such as those for the pages of a list, and follows no redirect.
 */
export function createKubeAgent(trust: KubeTrust): Dispatcher {
  // `requestTls` is for the API server behind a proxy, `connect` for one without.
  const options = { connect: { ...trust }, requestTls: { ...trust }, connectTimeout: CONNECT_MS };
  // Requests wait for each other on one connection, because a handshake takes longer than a request.
  return openAgent({ ...options, connections: 1, allowH2: false }).compose(
    (dispatch) => (request, handler) => dispatch(request, new RefuseRedirects(handler)),
  );
}

function openAgent(options: EnvHttpProxyAgent.Options): EnvHttpProxyAgent {
  try {
    return new EnvHttpProxyAgent(options);
  } catch {
    // The error quotes the value, which may contain a password.
    throw new TypeError("HTTPS_PROXY or HTTP_PROXY: found no URL, expected one as http://HOST:PORT");
  }
}

type ResponseStart = NonNullable<Dispatcher.DispatchHandler["onResponseStart"]>;

/** The SDK follows redirects, with the token if they stay on the same host; an API server has none for the app's calls. */
class RefuseRedirects extends DecoratorHandler implements Dispatcher.DispatchHandler {
  readonly #handler: Dispatcher.DispatchHandler;

  constructor(handler: Dispatcher.DispatchHandler) {
    super(handler);
    this.#handler = handler;
  }

  onResponseStart(...[controller, status, headers, text]: Parameters<ResponseStart>): void {
    if (status < 300 || status >= 400) {
      this.#handler.onResponseStart?.(controller, status, headers, text);
      return;
    }
    const message = `found a redirect to ${String(headers["location"])}, expected the response of the API server; check what is in front of it`;
    controller.abort(new KubeResponseError(status, new Headers(), JSON.stringify({ message })));
  }
}
