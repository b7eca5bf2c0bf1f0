/** The entry for every address that has none of its own. */
const anyAddress = '00:00:00:00:00:00';

/**
 * Parses `bridge fdb show dev DEVICE`, lines such as `LINK-ADDRESS dst ADDRESS self permanent`. Entries without `dst`
 * lead nowhere, and lines of another shape are left out.
 * @returns the nodes' addresses to which frames for the link-layer address go
 */
export function forwardedTo(text: string, linkAddress: string): readonly string[] {
  const to = (wanted: string) =>
    text.split('\n').flatMap((line) => {
      const [, address, destination] = /^(\S+) (?:.* )?dst (\S+)(?: |$)/.exec(line) ?? [];
      return address === wanted && destination !== undefined ? [destination] : [];
    });
  const own = to(linkAddress);
  return own.length > 0 ? own : to(anyAddress);
}
