import type { CDPSession, Page, Request } from "playwright-core";

/** What went wrong while a page loaded, in the order in which the browser reported it. */
export interface LoadFaults {
  /** Messages of the browser's console, and exceptions of the page's scripts. */
  readonly console: readonly string[];
  /** What the page's content security policy blocked: `directive: inline or address`. */
  readonly blocked: readonly string[];
  /** Requests that failed, or went to another origin than the page's. */
  readonly requests: readonly string[];
}

/** Records what goes wrong in a tab. Each call of the result returns the faults since the previous call. */
export async function recordFaults(tab: Page, session: CDPSession): Promise<() => LoadFaults> {
  let faults = noFaults();
  tab.on("console", (message) => faults.console.push(`${message.type()}: ${message.text()}`));
  tab.on("pageerror", (error) => faults.console.push(String(error)));
  session.on("Audits.issueAdded", ({ issue }) => {
    const { contentSecurityPolicyIssueDetails: details } = issue.details;
    if (details) faults.blocked.push(`${details.violatedDirective}: ${details.blockedURL ?? "inline"}`);
  });
  await session.send("Audits.enable");
  recordRequests(tab, (fault) => faults.requests.push(fault));
  return () => {
    const taken = faults;
    faults = noFaults();
    return taken;
  };
}

function noFaults() {
  return { console: [] as string[], blocked: [] as string[], requests: [] as string[] };
}

function recordRequests(tab: Page, add: (fault: string) => void): void {
  let origin = "";
  const isForeign = (request: Request) => new URL(request.url()).origin !== origin;
  tab.on("request", (request) => {
    if (request.isNavigationRequest() && request.frame() === tab.mainFrame()) origin = new URL(request.url()).origin;
    if (isForeign(request)) add(`${request.url()}: another origin`);
  });
  tab.on("requestfailed", (request) => {
    if (!isForeign(request)) add(`${request.url()}: ${request.failure()?.errorText ?? "failed"}`);
  });
  tab.on("response", (response) => {
    if (!isForeign(response.request()) && response.status() >= 400) add(`${response.url()}: ${response.status()}`);
  });
}
