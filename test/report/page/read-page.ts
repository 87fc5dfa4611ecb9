/** Returns the text of HTML, with single spaces, also that of closed details. */
export function words(html: string): string {
  const body = html.slice(html.indexOf("<body>") + 1).replace(/^[^<>]*>/, "");
  return body
    .replaceAll(/<[^>]*>/g, " ")
    .replaceAll(/(\s|&nbsp;)+/g, " ")
    .replaceAll(/ (?=[,.;])/g, "")
    .replaceAll("&#39;", "'")
    .replaceAll("&amp;", "&")
    .trim();
}

/** Returns the headings in the order of the page, for example "h2 All is well". */
export function headingsOf(html: string): readonly string[] {
  return [...html.matchAll(/<(h\d)>(.*?)<\/\1>/gs)].map(([, tag, content = ""]) => `${tag} ${words(content)}`);
}

/** Returns the values of an attribute in the order of the page. */
export function attributesOf(html: string, name: string): readonly string[] {
  return [...html.matchAll(new RegExp(`<[^>]*\\s${name}="([^"]*)"`, "g"))].map(([, value = ""]) => value);
}
