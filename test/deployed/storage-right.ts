const BLOBS = "Microsoft.Storage/storageAccounts/blobServices";
const LINE = /"(\w+) (\S+) HTTP/;

interface Request {
  readonly method: string;
  readonly container: string | undefined;
  readonly blob: string | undefined;
  readonly query: URLSearchParams;
}

/** The first matching row applies (Azure Storage, "Permissions for calling blob and queue data operations"). */
const RIGHTS: readonly { readonly right: string; readonly fits: (request: Request) => boolean }[] = [
  {
    right: `${BLOBS}/generateUserDelegationKey/action`,
    fits: ({ query }) => query.get("comp") === "userdelegationkey",
  },
  { right: `${BLOBS}/containers/blobs/read`, fits: ({ query }) => query.get("comp") === "list" },
  { right: `${BLOBS}/containers/read`, fits: ({ method, blob }) => blob === undefined && /^(GET|HEAD)$/.test(method) },
  { right: `${BLOBS}/containers/delete`, fits: ({ method, blob }) => blob === undefined && method === "DELETE" },
  { right: `${BLOBS}/containers/write`, fits: ({ blob }) => blob === undefined },
  { right: `${BLOBS}/containers/blobs/read`, fits: ({ method }) => /^(GET|HEAD)$/.test(method) },
  { right: `${BLOBS}/containers/blobs/delete`, fits: ({ method }) => method === "DELETE" },
  { right: `${BLOBS}/containers/blobs/write`, fits: () => true },
];

/** Returns the account and the required permission of a request in the access log; undefined for a signed link. */
export function storageRightOf(line: string): { readonly account: string; readonly right: string } | undefined {
  const [, method = "", address = ""] = LINE.exec(line) ?? [];
  if (address === "") throw new Error(`not a line of an access log: ${line}`);
  const { pathname, searchParams: query } = new URL(address, "http://127.0.0.1");
  if (query.has("sig")) return undefined;
  const [, account = "", container, ...rest] = pathname.split("/").map((part) => part || undefined);
  const request = { method, container, blob: rest.length > 0 ? rest.join("/") : undefined, query };
  const right = RIGHTS.find(({ fits }) => fits(request))?.right ?? "";
  return { account, right };
}
