import { createHash } from 'node:crypto';

const maxLength = 31;

/**
 * The ipset that Felix makes for a rule's set. `s` selector, `n` named port, `svc` and `svcnoport` services; the
 * content is the canonical selector text and the like.
 */
export function ruleSetName(type: 's' | 'n' | 'svc' | 'svcnoport', content: string, family: 4 | 6 = 4): string {
  const hash = createHash('sha224').update(`${type}:${content}`).digest('base64url');
  return setName(`${type}:${hash}`, family);
}

/** The ipset of an id such as `all-hosts-net`. */
export function setName(id: string, family: 4 | 6 = 4): string {
  return `cali${family}0${id}`.slice(0, maxLength);
}
