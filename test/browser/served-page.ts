import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

/** A page as the app answers it. */
export interface Page {
  readonly html: string;
  readonly headers: Readonly<Record<string, string>>;
}

/** Calls `use` with the address of a server on 127.0.0.1 that has only this page, then closes the server. */
export async function whileServed<T>({ html, headers }: Page, use: (url: URL) => Promise<T>): Promise<T> {
  const server = createServer(({ url }, response) => {
    if (url === "/") response.writeHead(200, headers).end(html);
    // Chromium asks for an icon if the page's policy allows images.
    else response.writeHead(url === "/favicon.ico" ? 204 : 404).end();
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  try {
    return await use(new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`));
  } finally {
    server.close();
    server.closeAllConnections();
  }
}
