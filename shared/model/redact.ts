/**
 * The second line against leaked secrets, for texts that come from Azure: a DSC failure prints the package's link, an
 * SDK error may print an address. Links are signed late and held nowhere, which is the first line.
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
