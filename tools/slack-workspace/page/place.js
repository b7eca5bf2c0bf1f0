/** Who looks, and at what; kept in the address so that it can be shared and survives a reload. */
export function readPlace() {
  const given = new URLSearchParams(location.hash.slice(1));
  const link = /^\/archives\/(\w+)\/p(\d+)(\d{6})$/.exec(location.pathname);
  const linked = link
    ? { channel: link[1], thread: new URLSearchParams(location.search).get('thread_ts') ?? `${link[2]}.${link[3]}` }
    : {};
  return {
    user: given.get('user'),
    channel: given.get('channel') ?? linked.channel ?? null,
    thread: given.get('thread') ?? (given.has('channel') ? null : (linked.thread ?? null)),
  };
}

/** Goes elsewhere; parts that are not named stay. `null` leaves a part empty. */
export function goTo(part) {
  const next = { ...readPlace(), ...part };
  const query = new URLSearchParams(Object.entries(next).filter(([, value]) => value));
  location.hash = query.toString();
}
