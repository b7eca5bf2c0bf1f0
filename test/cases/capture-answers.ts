/** What a capture holds, in the form in which the programs print it. */
import { parse, stringify } from 'yaml';

export interface Answer {
  readonly stdout: string;
  readonly stderr?: string;
  readonly exit?: number;
}

/** Only the table of tiers was captured; each had the default action of its kind (the built-in ones besides `default` pass). */
export function tiers(table: string | null): Answer | null {
  if (table === null) return null;
  const items = [...table.matchAll(/^(\S+) +([\d.e+]+) *$/gm)].map(([, name = '', order]) => ({
    metadata: { name },
    spec: { order: Number(order), defaultAction: name.startsWith('kube-') ? 'Pass' : 'Deny' },
  }));
  return { stdout: JSON.stringify({ items }) };
}

/** The object of a list that has one. */
export function firstOf(list: string | null): Answer {
  const { items = [] } = (parse(strip(list)?.stdout ?? '') ?? {}) as { readonly items?: readonly object[] };
  return { stdout: JSON.stringify(items[0] ?? null) };
}

export function nftChain(
  whole: Answer | null,
  { family, table, chain }: Readonly<Record<string, string>>,
): Answer | null {
  const listed = nftTable(whole, family ?? '', table ?? '');
  if (!listed) return null;
  const { nftables } = JSON.parse(listed.stdout) as { nftables: Record<string, { chain?: string; name?: string }>[] };
  const own = nftables.filter((entry) => entry['chain']?.name === chain || entry['rule']?.chain === chain);
  return own.length === 0 ? null : { stdout: JSON.stringify({ nftables: own }) };
}

export function nftTable(whole: Answer | null, family: string, table: string): Answer | null {
  if (!whole) return null;
  const { nftables } = JSON.parse(whole.stdout) as {
    nftables: Record<string, { family?: string; table?: string; name?: string }>[];
  };
  const belongs = (entry: Record<string, { family?: string; table?: string; name?: string }>) =>
    Object.entries(entry).some(
      ([kind, value]) =>
        kind === 'metainfo' || (value.family === family && (kind === 'table' ? value.name : value.table) === table),
    );
  return { stdout: JSON.stringify({ nftables: nftables.filter(belongs) }) };
}

/** As calicoctl prints it. */
export function asYaml(answer: Answer): Answer {
  return answer.exit === undefined ? { ...answer, stdout: stringify(JSON.parse(answer.stdout)) } : answer;
}

/** The captures' pods lived in namespaces that their nodes do not name; a node with a container runtime names them. */
export function namespaces(links: Answer | null): Answer | null {
  if (!links) return null;
  const parsed = JSON.parse(links.stdout) as { ifname?: string; link_netnsid?: number }[];
  return {
    stdout: JSON.stringify(
      parsed.flatMap(({ ifname, link_netnsid: id }) =>
        /^(?:cali|eni|azv|gke|lxc|veth)/.test(ifname ?? '') && id !== undefined ? [{ name: `cni-${ifname}`, id }] : [],
      ),
    ),
  };
}

export function strip(text: string | null): Answer | null {
  return text === null ? null : { stdout: text.replace(/\nexit \d+\s*$/, '\n') };
}
