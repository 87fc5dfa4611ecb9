/**
 * Returns a text with its secrets replaced by `(hidden)`. It is meant for texts from Azure: a DSC failure prints the
 * package's link, and an SDK error can print a URL. This is the second line of defense; the first is that the app signs
 * a link only when it writes it, and keeps it nowhere.
 */
export function redact(text: string): string {
  return text
    .replaceAll(/(https?:\/\/[^\s"'<>?]+)\?[^\s"'<>]+/gi, "$1?(hidden)")
    .replaceAll(/(https?:\/\/)[^\s/@]+@/gi, "$1(hidden)@")
    .replaceAll(
      /\b(sig|code|AccountKey|SharedAccessKey|access_token|client_secret|password)=[^&\s"'<>]+/gi,
      "$1=(hidden)",
    )
    .replaceAll(/\bBearer\s+[\w.~+/-]+=*/gi, "Bearer (hidden)")
    .replaceAll(/\beyJ[\w-]+\.[\w-]+\.[\w-]*/g, "(hidden)");
}
