/** What was looked at, word for word: the command (or API request), where, when and the lines that matter. */
export interface Evidence {
  /** The command line as run, or `GET /api/v1/…`. */
  readonly command: string;
  /** null: an API answer. */
  readonly node: string | null;
  /** ISO 8601, UTC. */
  readonly at: string;
  /** The lines that matter. */
  readonly excerpt: string;
  /** Path of the whole transcript inside a saved case, or null. */
  readonly file: string | null;
}

/** What a probe saw. A fact that could not be read says why, and is never read as "absent" or "healthy". */
export type Fact<T> = Observed<T> | Unavailable;

export interface Observed<T> {
  readonly status: 'observed';
  readonly value: T;
  readonly evidence: readonly Evidence[];
  /** What could not be read beside the value, each a blind spot. Not given: nothing. */
  readonly gaps?: readonly Gap[];
}

/** A look that a fact can do without. */
export interface Gap {
  readonly code: UnavailableCode;
  readonly reason: string;
  /** The node on which it could not be made; null: the one of the fact. */
  readonly node: string | null;
}

export interface Unavailable {
  readonly status: 'unavailable';
  readonly code: UnavailableCode;
  readonly reason: string;
  readonly evidence: readonly Evidence[];
}

/**
 * Why a fact is missing. `not-applicable`: there is nothing to look at for this flow (no tunnel between pods of one
 * node, no endpoint for a hostNetwork pod), so rules that need it do not apply; every other code is a blind spot.
 * `no-node-access`: the bot is not set up for nodes.
 * `ssh-no-answer`: nothing came back from the node's address.
 * `ssh-unreachable`: the kernel says that there is no way to it, or a router or firewall answered so.
 * `ssh-refused`: the node, or what stands before it, answered and let nobody in.
 * `agent-missing`: the node has no agent that may be used.
 * `exec-refused`: the API server, or the kubelet behind it, does not start the agent's helper.
 * `tool-missing`, `tool-refused`: the node lacks a program, or does not run it. `not-configured`: a client lacks its
 * settings.
 */
export type UnavailableCode =
  | 'not-applicable'
  | 'needed-fact-missing'
  | 'no-node-access'
  | 'ssh-no-answer'
  | 'ssh-unreachable'
  | 'ssh-refused'
  | 'ssh-host-key'
  | 'ssh-lost'
  | 'agent-missing'
  | 'exec-refused'
  | 'exec-lost'
  | 'node-helper-missing'
  | 'node-answer-invalid'
  | 'timeout'
  | 'no-answer'
  | 'not-credible'
  | 'output-too-large'
  | 'command-failed'
  | 'tool-missing'
  | 'tool-refused'
  | 'not-configured'
  | 'not-parsed'
  | 'api-unreachable'
  | 'api-forbidden'
  | 'api-not-found'
  | 'datastore-unreachable'
  | 'not-recorded'
  | 'cancelled'
  | 'not-supported';

export function observed<T>(value: T, evidence: readonly Evidence[] = [], gaps: readonly Gap[] = []): Observed<T> {
  return { status: 'observed', value, evidence, ...(gaps.length > 0 ? { gaps } : {}) };
}

export function unavailable(code: UnavailableCode, reason: string, evidence: readonly Evidence[] = []): Unavailable {
  return { status: 'unavailable', code, reason, evidence };
}

/** The same evidence with only the lines that match; the whole of it when none does. */
export function picking(
  evidence: readonly Evidence[],
  matches: RegExp | ((line: string) => boolean),
): readonly Evidence[] {
  const picks = typeof matches === 'function' ? matches : (line: string) => matches.test(line);
  return evidence.map((item) => {
    const lines = item.excerpt.split('\n').filter(picks);
    return lines.length > 0 ? { ...item, excerpt: lines.join('\n') } : item;
  });
}
