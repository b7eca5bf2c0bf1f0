import type { PolicyName } from '../../model/ruleset/owner.ts';
import { LookError } from '../../model/look-error.ts';
import type {
  ProgramDirection,
  ProgramHook,
  ProgramPolicy,
  ProgramProfile,
  ProgramRule,
  ProgramTier,
} from '../../model/ebpf-programs.ts';

/** The dump names hooks as the node sees them. */
const directions: ReadonlyMap<string, ProgramDirection> = new Map([
  ['tc egress', 'ingress'],
  ['tc ingress', 'egress'],
]);
const actions: ReadonlySet<string> = new Set(['allow', 'deny', 'next-tier', 'log']);

/**
 * Parses `policy dump INTERFACE all` of Calico v3.32 and later.
 * @returns the hooks by the pod's direction; a hook that the dump does not name is not there
 * @throws LookError not-parsed: it is as another version prints it, or ends early
 */
export function parsePolicyDump(text: string): Readonly<Partial<Record<ProgramDirection, ProgramHook>>> {
  const lines = text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');
  const hooks: Partial<Record<ProgramDirection, ProgramHook>> = {};
  for (let at = 0; at < lines.length;) {
    if (!lines[at]?.startsWith('IfaceName: ')) throw unknownLine(lines[at]);
    const hook = /^Hook: (\S{1,8} \S{1,8})$/.exec(lines[at + 1] ?? '')?.[1];
    if (hook === undefined) throw unknownLine(lines[at + 1]);
    if (olderLine.test(lines[at + 2] ?? '')) throw olderDump(lines[at] ?? '');
    const next = lines.findIndex((line, later) => later > at + 1 && line.startsWith('IfaceName: '));
    const end = next === -1 ? lines.length : next;
    const direction = directions.get(hook);
    if (direction) hooks[direction] = { hook, ...readHook(lines.slice(at + 2, end)) };
    at = end;
  }
  return hooks;
}

interface Growing {
  readonly tiers: ProgramTier[];
  readonly profiles: ProgramProfile[];
  tier: { readonly name: string; readonly policies: ProgramPolicy[] } | null;
  policy: { readonly name: PolicyName; readonly heading: string; readonly rules: ProgramRule[] } | null;
  rule: { readonly of: string; readonly head: string; readonly action: ProgramRule['action'] } | null;
  match: string | null;
  places: number;
}

function readHook(lines: readonly string[]): Pick<ProgramHook, 'tiers' | 'profiles'> {
  const hook: Growing = { tiers: [], profiles: [], tier: null, policy: null, rule: null, match: null, places: 0 };
  for (const line of lines) readLine(line, hook);
  closeRule(hook, null);
  if (hook.tier || hook.policy) throw new LookError('not-parsed', 'the policy dump ends early');
  return { tiers: hook.tiers, profiles: hook.profiles };
}

function readLine(line: string, hook: Growing): void {
  const rule = /^Rule: (.{1,600}) {2}Action: (\S{1,20})$/.exec(line);
  const hits = /^Hit count: (\d{1,20})$/.exec(line)?.[1];
  if (rule) {
    closeRule(hook, null);
    const [head, of = '', action = ''] = rule;
    if (!actions.has(action)) throw unknownLine(line);
    hook.rule = { of, head, action: action as ProgramRule['action'] };
  } else if (line.startsWith('Match: ') && hook.rule && hook.match === null) {
    hook.match = line.slice('Match: '.length);
  } else if (hits !== undefined && hook.rule) {
    closeRule(hook, Number(hits));
  } else {
    closeRule(hook, null);
    readFrame(line, hook);
  }
}

/** Where tiers and policies begin and end. */
function readFrame(line: string, hook: Growing): void {
  const begun = /^Tier: (.{1,300})$/.exec(line)?.[1];
  const ended = /^End Tier: (.{1,300}?) {2}\(action: (deny|pass|next-tier)\)$/.exec(line);
  const heading = /^Policy: (.{1,600})$/.exec(line)?.[1];
  if (begun !== undefined && !hook.tier) {
    hook.tier = { name: begun, policies: [] };
  } else if (heading !== undefined && hook.tier && !hook.policy) {
    hook.policy = { heading, name: nameOf(heading, hook.tier.name), rules: [] };
  } else if (hook.policy && line === `End Policy: ${hook.policy.heading}`) {
    hook.tier?.policies.push({ name: hook.policy.name, rules: hook.policy.rules });
    hook.policy = null;
  } else if (ended && hook.tier && !hook.policy && ended[1] === hook.tier.name) {
    hook.places += 1;
    const end = { index: hook.places, text: line, action: ended[2] === 'deny' ? 'deny' : 'next-tier' } as const;
    hook.tiers.push({ ...hook.tier, end });
    hook.tier = null;
  } else {
    throw unknownLine(line);
  }
}

/** Without a policy around it, a rule is a profile's. */
function closeRule(hook: Growing, hits: number | null): void {
  const { rule: begun, match, policy } = hook;
  if (!begun) return;
  hook.places += 1;
  const text = match === null ? begun.head : `${begun.head}  Match: ${match}`;
  const rule: ProgramRule = { index: hook.places, text, action: begun.action, match, hits };
  hook.rule = null;
  hook.match = null;
  if (policy) {
    policy.rules.push(rule);
    return;
  }
  if (hook.tier) throw unknownLine(begun.head);
  const last = hook.profiles.at(-1);
  if (last?.name === begun.of) hook.profiles[hook.profiles.length - 1] = { ...last, rules: [...last.rules, rule] };
  else hook.profiles.push({ name: begun.of, rules: [rule] });
}

/** `NetworkPolicy default/knp.default.web 2`: kind, name as Calico stores it, and its place. */
function nameOf(heading: string, tier: string): PolicyName {
  const [, kind = '', full = ''] = /^(\S{1,60}) (\S{1,500}) \d{1,6}$/.exec(heading) ?? [];
  if (full === '') throw unknownLine(`Policy: ${heading}`);
  const slash = full.indexOf('/');
  const [namespace, stored] = slash === -1 ? [null, full] : [full.slice(0, slash), full.slice(slash + 1)];
  const name = stored.replace(/^knp\.default\./, '');
  return { kind: name === stored ? kind : 'KubernetesNetworkPolicy', name, namespace, tier };
}

/** Up to v3.31 every rule was a comment among the instructions, under these headings. */
const olderLine = /^(?:Error:|Policy Info:|\/\/ )/;

function olderDump(name: string): LookError {
  const device = name.slice('IfaceName: '.length).slice(0, 40);
  return new LookError(
    'not-supported',
    'the policy dump is as Calico up to v3.31 prints it, and is not read. In calico-node, run ' +
      `calico-node -bpf policy dump ${device} all`,
  );
}

function unknownLine(line: string | undefined): LookError {
  return new LookError('not-parsed', `the policy dump is not as Calico v3.32 prints it: ${(line ?? '').slice(0, 120)}`);
}
