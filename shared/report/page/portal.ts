import { type Html, html } from "../html.ts";

/** Renders a link to a resource in the Azure portal. */
export function portalLink(id: string, text: string | Html): Html {
  // The page's address may contain a function key, so the portal must not see it as the referrer.
  return html`<a
    href="https://portal.azure.com/#@/resource${encodeURI(id.toWellFormed())}"
    rel="noreferrer"
    title="Open in the Azure portal"
    >${text}</a
  >`;
}
