/** Walks legs of the asked packet through the policies that Felix's eBPF programs hold. */
import type { PodPrograms, ProgramDirection, ProgramPolicy, ProgramRule, ProgramTier } from '../model/ebpf-programs.ts';
import { isUnknownToPrograms, programsOf } from '../model/ebpf-programs.ts';
import type { Flow } from '../model/flow.ts';
import type { Leg, PacketWalk } from '../model/flow-walk.ts';
import type { Owner } from '../model/ruleset/owner.ts';
import type { Packet } from '../model/ruleset/packet.ts';
import type { Uncertainty } from '../model/ruleset/rules.ts';
import type { RuleRef, WalkDecision, WalkResult } from '../model/ruleset/walk.ts';
import { meetsMatch } from './program-match.ts';
import { decidedElsewhere } from './undecided.ts';

/** The programs of the flow's pods. Not given: they were not read, or the end is no pod. */
interface Judges {
  readonly source?: PodPrograms | undefined;
  readonly destination?: PodPrograms | undefined;
}
export function judgesOf({ source, destination }: Flow, programs: readonly PodPrograms[]): Judges {
  return {
    source: programsOf(programs, source.node, source.address),
    destination: programsOf(programs, destination.node, destination.address),
  };
}
type Judge = readonly [PodPrograms, ProgramDirection];

/**
 * Returns a leg as the programs of its pods decide it.
 * @param walk through the packet filters. It stands if the programs do not know the pod, or are not there: packets that
 *   they do not take go on to the kernel
 * @param why the reason why packet filters do not decide on this node
 */
export function walkPrograms(walk: PacketWalk, judges: Judges, why: string): PacketWalk {
  const asked = judgesOn(walk.leg, judges);
  const there = asked.filter((judge) => judge !== undefined);
  if (asked.length === 0 || there.length < asked.length) return decidedElsewhere(walk, why);
  if (there.some(([programs]) => isUnknownToPrograms(programs) || programs.attached.egress === 'no')) return walk;
  // A reply belongs to a connection that the programs know.
  const isReply = walk.leg.startsWith('reply-');
  let ended: Ended = { result: resultOf('accept', walk.packet, null, null) };
  for (const [programs, direction] of there) {
    if (!isReply) ended = decide(walk, programs, direction);
    if (ended.result.decision !== 'accept') break;
    if (programs.attached[direction] === 'unknown' || programs.attached.egress === 'unknown')
      ended = notKnown(walk, programs, 'it is not known whether they are attached');
  }
  const { leg, node, packet, hook, rewritten } = walk;
  const { result, standIn = null } = ended;
  // Felix's own routes, not the kernel's tables, lead a packet to the program of its pod.
  const wayDoubt = result.decision === 'drop' ? null : walk.wayDoubt;
  return {
    leg,
    node,
    packet,
    hook,
    rewritten,
    wayDoubt,
    result,
    authenticity: null,
    standInForProfile: standIn,
    shown: result.rule ? [result.rule.text] : [],
    branch: [],
    byPrograms: true,
  };
}

interface Ended {
  readonly result: WalkResult;
  /** The profile for which the program holds a single rule that denies everything. */
  readonly standIn?: string | null;
}

/** Returns the programs that judge a leg, in their order, with the direction; undefined: not read. */
function judgesOn(leg: Leg, { source, destination }: Judges): readonly (Judge | undefined)[] {
  const from: Judge | undefined = source && [source, 'egress'];
  const to: Judge | undefined = destination && [destination, 'ingress'];
  switch (leg) {
    case 'source-egress':
    case 'reply-source-ingress':
      return [from];
    case 'target-ingress':
    case 'reply-target-egress':
      return [to];
    case 'same-node':
    case 'reply-same-node':
      return [from, to];
    default:
      return [];
  }
}

function resultOf(
  decision: Exclude<WalkDecision, 'reject'>,
  packet: Packet,
  rule: RuleRef | null,
  owner: Owner | null,
  uncertainties: readonly Uncertainty[] = [],
): WalkResult {
  const end = { decision, rule, markedBy: null, path: [], markPath: [], trail: [], packet, assumed: [], notes: [] };
  return { ...end, owner, uncertainties, ends: [end] };
}

function notKnown({ packet }: PacketWalk, { interface: device }: PodPrograms, why: string, rule?: string): Ended {
  const at = rule ?? `the eBPF programs of ${device}`;
  return { result: resultOf('unknown', packet, null, null, [{ rule: at, why, askDatastore: true }]) };
}

/** Returns what the policies of one pod and direction do with the packet. */
function decide(walk: PacketWalk, programs: PodPrograms, direction: ProgramDirection): Ended {
  const { packet } = walk;
  const hook = programs.hooks[direction];
  if (!hook) return notKnown(walk, programs, `their policies were not read: ${programs.unread[0] ?? 'not printed'}`);
  if (direction === 'ingress' && programs.delivery === 'other')
    return notKnown(walk, programs, 'Felix leads packets for the pod to another interface');
  const { tiers, profiles } = hook;
  if (tiers.length === 0 && profiles.length === 0)
    return notKnown(walk, programs, 'they hold no policy and no profile');
  const refTo = (index: number, text: string, comments: readonly string[] = []): RuleRef => ({
    backend: 'ebpf',
    family: 'ip',
    table: programs.interface,
    chain: hook.hook,
    index,
    text,
    comments,
    tag: null,
  });
  const ended = ({ action, rule }: Verdict, owner: Owner): Ended =>
    action === 'unknown'
      ? notKnown(walk, programs, 'a criterion of the dump is not understood', rule.text)
      : { result: resultOf(action === 'allow' ? 'accept' : 'drop', packet, refTo(rule.index, rule.text), owner) };

  for (const tier of tiers) {
    const verdict = inTier(tier, packet);
    if ('rule' in verdict) return ended(verdict, policyOwner(verdict.of, direction));
    if (verdict.action === 'next-tier' || tier.end.action === 'next-tier') continue;
    return { result: resultOf('drop', packet, refTo(tier.end.index, tier.end.text), tierOwner(tier, direction)) };
  }
  for (const { name, rules } of profiles) {
    const verdict = inRules(rules, packet);
    if (!('rule' in verdict)) continue;
    const isStandIn = rules.length === 1 && verdict.action === 'deny' && verdict.rule.match === null;
    return {
      ...ended(verdict, { ...noOwner, kind: 'profile', name, direction }),
      standIn: isStandIn ? name : null,
    };
  }
  const owner: Owner = { ...noOwner, kind: 'endpoint', name: programs.interface, direction };
  return { result: resultOf('drop', packet, refTo(0, 'End of policies', [noProfileMatched]), owner) };
}

/** Felix's own words for it in the packet filters. */
const noProfileMatched = 'Drop if no profiles matched';

type Verdict = { readonly action: 'allow' | 'deny' | 'unknown'; readonly rule: ProgramRule };
type Undecided = { readonly action: 'none' | 'next-tier' };

function inTier({ policies }: ProgramTier, packet: Packet): Undecided | (Verdict & { readonly of: ProgramPolicy }) {
  for (const policy of policies) {
    const verdict = inRules(policy.rules, packet);
    if (verdict.action === 'none') continue;
    return 'rule' in verdict ? { ...verdict, of: policy } : verdict;
  }
  return { action: 'none' };
}

function inRules(rules: readonly ProgramRule[], packet: Packet): Undecided | Verdict {
  for (const rule of rules) {
    const met = meetsMatch(rule.match, packet);
    if (met === 'no' || rule.action === 'log') continue;
    if (met === 'unknown') return { action: 'unknown', rule };
    return rule.action === 'next-tier' ? { action: 'next-tier' } : { action: rule.action, rule };
  }
  return { action: 'none' };
}

const noOwner = { namespace: null, tier: null, policies: [], by: 'name' } as const;

function policyOwner({ name }: ProgramPolicy, direction: ProgramDirection): Owner {
  const { name: policy, namespace, tier } = name;
  return { kind: 'policy', name: policy, namespace, tier, direction, policies: [name], by: 'name' };
}

function tierOwner({ name, policies }: ProgramTier, direction: ProgramDirection): Owner {
  const names = policies.map((policy) => policy.name);
  return { kind: 'tier-default', name, namespace: null, tier: name, direction, policies: names, by: 'name' };
}
