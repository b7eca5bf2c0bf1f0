import type { FilterRule } from '../../model/ruleset/rules.ts';

/**
 * Every text that Felix may have rendered in nftables mode for a rule, as it enters the rule's tag: matches, `counter`,
 * action. Unlike in iptables mode neither the chain's name nor the comments are part of it.
 */
export function felixNftSpellings({ text }: Pick<FilterRule, 'text'>): string[] {
  let variants = [text.replace(/ ?comment "(?:[^"\\]|\\.)*"$/, '')];
  for (const [pattern, spellings] of rewordings) {
    variants = variants.flatMap((variant) =>
      pattern.test(variant) ? spellings.map((spelling) => variant.replace(pattern, spelling)) : [variant],
    );
  }
  return [...new Set(variants)];
}

/** Where nft's listing differs from what Felix wrote; several where it may have written one or the other. */
const rewordings: readonly (readonly [nft: RegExp, felix: readonly string[]])[] = [
  [/== 0x0(?= |$)/g, ['== 0']],
  [/meta mark set meta mark \| /, ['meta mark set mark or ']],
  [/meta mark set meta mark & (0x[0-9a-f]+) \^ /, ['meta mark set mark & $1 ^ ']],
  [/meta mark set meta mark & (0x[0-9a-f]+) \| /, ['meta mark set mark & $1 ^ ']],
  [/meta mark set meta mark & /, ['meta mark set mark & ']],
  [/ct state established,related/, ['ct state related,established', 'ct state established,related']],
  [/meta l4proto ipencap/, ['meta l4proto 4', 'meta l4proto ipip']],
  [/(?<!l4proto )\b(tcp|udp|sctp) (dport|sport) /, ['$1 $2 ', 'meta l4proto $1 $1 $2 ']],
  [/meta l4proto (tcp|udp|sctp)(?= |$)/, ['meta l4proto $1', 'meta l4proto #$1']],
  [/#tcp/, ['6']],
  [/#udp/, ['17']],
  [/#sctp/, ['132']],
  [/\b([ds]port (?:!= )?)(\d[\d-]*)(?= |$)/, ['$1$2', '$1{ $2 }', '$1{$2}']],
  [/masquerade \{"flags":"fully-random"\}/, ['masquerade fully-random']],
  [/log \{"prefix":"([^"]*)","level":"info"\}/, ['log prefix $1 level info']],
];
