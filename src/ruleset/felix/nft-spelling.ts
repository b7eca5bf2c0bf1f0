import type { FilterRule } from '../../model/ruleset/rules.ts';

/**
 * Returns every text that Felix may have rendered for a rule in nftables mode, as it enters the rule's tag: matches,
 * `counter`, action. Unlike in iptables mode, neither the chain's name nor the comments are part of it.
 */
export function felixNftSpellings({ text }: Pick<FilterRule, 'text'>): string[] {
  const bare = text.replace(/ ?comment "(?:[^"\\]|\\.)*"$/, '');
  let variants = [...new Set([bare, unfolded(bare), ofNamedPort(bare)])];
  for (const [pattern, spellings] of rewordings) {
    variants = variants.flatMap((variant) =>
      pattern.test(variant) ? spellings.map((spelling) => variant.replace(pattern, spelling)) : [variant],
    );
  }
  return [...new Set(variants.flatMap((variant) => [variant, protocolFirst(variant)]))];
}

/** nft keeps the bits that a rule sets in the mask of those that it leaves: Felix does not. */
function unfolded(text: string): string {
  return text.replace(/& (0x[0-9a-f]+) [|^] (0x[0-9a-f]+)/, (_, mask: string, bits: string) => {
    const kept = (Number(mask) & ~Number(bits)) >>> 0;
    return `& 0x${kept.toString(16)} ^ ${bits}`;
  });
}

/** In a set of addresses and ports Felix asks the port of any protocol, and names the protocol before. */
function ofNamedPort(text: string): string {
  const [asked, protocol = '', port = ''] = / \. (tcp|udp|sctp) ([ds]port) (?=(?:!= )?@)/.exec(text) ?? [];
  return asked === undefined ? text : `meta l4proto ${protocol} ${text.replace(asked, ` . th ${port} `)}`;
}

/** A rule of a policy names the protocol before everything else; nft leaves it out where a port implies it. */
function protocolFirst(text: string): string {
  const [protocol = ''] = / meta l4proto \w+(?= (?:tcp|udp|sctp) [ds]port )/.exec(text) ?? [];
  return protocol === '' ? text : `${protocol.slice(1)} ${text.replace(protocol, '')}`;
}

/** The places where nft's listing differs from what Felix wrote; several spellings if Felix may have written any. */
const rewordings: readonly (readonly [nft: RegExp, felix: readonly string[]])[] = [
  [/== 0x0(?= |$)/g, ['== 0']],
  [/meta mark set meta mark \| /, ['meta mark set mark or ']],
  [/meta mark set meta mark & (0x[0-9a-f]+) \^ /, ['meta mark set mark & $1 ^ ']],
  [/meta mark set meta mark & (0x[0-9a-f]+) \| /, ['meta mark set mark & $1 ^ ']],
  [/meta mark set meta mark & (0x[0-9a-f]+)(?= |$)/, ['meta mark set mark & $1', 'meta mark set mark & $1 ^ 0x0']],
  [/ct state established,related/, ['ct state related,established', 'ct state established,related']],
  [/\b(ip [ds]addr (?:!= )?\d+\.\d+\.\d+\.\d+)(?= |$)/, ['$1', '$1/32']],
  [/meta l4proto ipencap/, ['meta l4proto 4', 'meta l4proto ipip']],
  [/(?<!l4proto )\b(tcp|udp|sctp) (dport|sport) /, ['$1 $2 ', 'meta l4proto $1 $1 $2 ']],
  [/meta l4proto (tcp|udp|sctp)(?= |$)/, ['meta l4proto $1', 'meta l4proto #$1']],
  [/#tcp/, ['6']],
  [/#udp/, ['17']],
  [/#sctp/, ['132']],
  [/\b([ds]port (?:!= )?)(\d[\d-]*)(?= |$)/, ['$1$2', '$1{ $2 }', '$1{$2}']],
  [/log \{"prefix":"([^"]*)","level":"info"\}/, ['log prefix "$1" level info']],
];
