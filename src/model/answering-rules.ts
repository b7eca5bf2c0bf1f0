import type { WalkResult } from './ruleset/walk.ts';

/** Targets of iptables and statements of nft that answer a handshake, or hand it to a program of the node. */
const answers = /\b(?:SYNPROXY|TPROXY|synproxy|tproxy)\b/;

/** Returns the rules of a walk that may answer the packet themselves, each once, as their save or listing has them. */
export function answeringRules({ uncertainties }: WalkResult): readonly string[] {
  return [...new Set(uncertainties.map(({ rule }) => rule).filter((rule) => answers.test(rule)))];
}
