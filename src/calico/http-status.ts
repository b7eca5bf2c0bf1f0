/** The status code of an answer printed with its head (`curl -i`), null where nothing answered. */
export function httpStatusOf(text: string): number | null {
  const code = /^HTTP\/[\d.]+ (\d{3})/.exec(text)?.[1];
  return code ? Number(code) : null;
}
