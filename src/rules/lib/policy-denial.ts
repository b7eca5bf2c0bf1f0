import { chainName } from '../../calico/chain-names.ts';
import { isSamePolicy, policyName } from '../../calico/policy-names.ts';
import { v1PolicyKind } from '../../calico/v1-objects.ts';
import type { CalicoPolicy, PolicyObjects, WorkloadEndpoint } from '../../model/calico.ts';
import type { Denial, Denials } from '../../model/denial.ts';
import type { Evidence, Fact } from '../../model/evidence.ts';
import type { FactValue } from '../../model/facts.ts';
import type { Flow } from '../../model/flow.ts';
import { describeEnd } from '../../model/flow-end-words.ts';
import { own } from '../../model/own.ts';
import { sourceAddress } from '../../model/resource.ts';
import {
  fail,
  inconclusive,
  notApplicable,
  pass,
  type Advice,
  type Message,
  type Outcome,
  type RawFinding,
} from '../../model/rule.ts';
import { ruleWords } from '../../model/rule-words.ts';
import type { Owner, PolicyName } from '../../model/ruleset/owner.ts';
import { describePort } from '../../model/target-grammar.ts';
import { admittedWords } from './admitted-words.ts';
import { admittingEntry } from './admitting-entry.ts';
import { comparedWords, counterWords, doubtOn, egressLegs, ingressLegs, isOutdated, outdatedWords } from './denials.ts';
import { canBeNamed, clusterPolicyKind, editCommand, policiesTitle, policyWords } from './policy-titles.ts';
import { besideTwin } from './twin-words.ts';

type Direction = 'ingress' | 'egress';

/** What both rules look at; `peer`: the endpoint of the other end than the one that the policy selects. */
interface PolicyFacts {
  readonly flow: Flow;
  readonly denials: Denials;
  readonly objects: Fact<FactValue<'policy-objects'>>;
  readonly peer: Fact<WorkloadEndpoint | null>;
  readonly twins: Fact<FactValue<'twin-walks'>>;
  /** What the walks of the twins rest on. */
  readonly twinEvidence: readonly Evidence[];
}

export const policyMessages = {
  denies: {
    title: '{policies} {blocks} {flow}',
    detail: 'A rule of it denies the packet, which {arrives}. {admits}It ends at {rule}. {counters} {compared}{twin}',
  },
  selects: {
    title: '{policies} {blocks} {flow}',
    detail:
      '{select} {pod} and {do} not allow the packet, which {arrives}. {admits}It ends at {rule}. {counters} ' +
      '{compared}{twin}',
  },
} as const satisfies Readonly<Record<string, Message>>;

export const policyAdvice: Advice = { who: 'the owner of the policy', commands: ['{edit}', '{entry}'] };

/** Where the node's chains do not say which policy it is. */
export const unnamedAdvice: Advice = {
  ...policyAdvice,
  commands: ['calicoctl get networkpolicy -A', 'calicoctl get globalnetworkpolicy', 'kubectl get networkpolicy -A'],
};

/**
 * Judges what both rules share: a policy's own deny, or the end of a tier whose policies select the pod, unless the
 * datastore says otherwise.
 */
export function policyDenial(direction: Direction, facts: PolicyFacts): Outcome<keyof typeof policyMessages, never> {
  const { denials } = facts;
  const denied = denials.denied.filter(
    (one) => (one.class === 'policy-rule' || one.class === 'tier-end') && one.owner.direction === direction,
  );
  const standing = denied.filter((one) => !isOutdated(one));
  if (standing.length > 0) return fail(...standing.map((denial) => finding({ denial, direction, ...facts })));
  if (denied.length > 0) return notApplicable(denied.map(outdatedWords).join('; '));
  const doubt = doubtOn(denials, direction === 'ingress' ? ingressLegs : egressLegs);
  return doubt ? inconclusive(doubt) : pass(`no policy denies it (${direction})`);
}

interface Case extends PolicyFacts {
  readonly denial: Denial;
  readonly direction: Direction;
}

function finding(found: Case): RawFinding<keyof typeof policyMessages> {
  const { denial, denials, direction, flow } = found;
  const { owner, rule, node, leg, proof, evidence } = denial;
  const names = namesOf(owner).map((name) => ofV1(name, found) ?? name);
  const [source, destination] = [describeEnd(flow.source), describeEnd(flow.destination)];
  const many = names.length > 1;
  const first = names.find(({ kind }) => kind === 'KubernetesNetworkPolicy') ?? names[0];
  const editable = first && canBeNamed(first) ? first : null;
  const twin = besideTwin(denial, found.twins, found.twinEvidence);
  return {
    message: denial.class === 'policy-rule' ? 'denies' : 'selects',
    data: {
      policies: policiesTitle(names, owner),
      blocks: many ? 'block' : 'blocks',
      flow: `${describePort(flow.port)} ${direction === 'ingress' ? `from ${source}` : `to ${destination}`}`,
      select: many ? 'They select' : 'It selects',
      do: many ? 'do' : 'does',
      pod: direction === 'ingress' ? destination : source,
      arrives: arrivesWords(found),
      admits: admitsWords(found, names),
      rule: ruleWords(rule),
      counters: counterWords(denial),
      compared: saysTheSame(denial, names) ? 'The datastore says the same.' : comparedWords(denial, denials),
      twin: twin.words,
      edit: editable ? editCommand(asStored(editable, found), direction) : '',
      entry: editable ? entryFor(editable, found) : '',
    },
    subject: { kind: 'Policy', name: names[0] ? policyWords(names[0]) : owner.name },
    node,
    proof,
    evidence: [...evidence, ...twin.evidence],
    stopsFlow: denial.stopsFlow,
    ...(editable ? {} : { advice: unnamedAdvice }),
    // A policy judges the address with which the packet arrives.
    ...(direction === 'ingress' && leg === 'target-ingress' ? { lacks: [sourceAddress(node)] } : {}),
  };
}

/** The datastore's objects deny the packet by these very policies. */
function saysTheSame({ expected }: Denial, names: readonly PolicyName[]): boolean {
  const named = names.map(policyWords);
  return (
    expected?.decision === 'deny' &&
    expected.policies.length > 0 &&
    expected.policies.every((one) => named.some((name) => isSamePolicy(name, one)))
  );
}

/** The address that the policy judges, which may be another than the asked one. */
function arrivesWords({ denial: { packet }, direction, flow: { source } }: Case): string {
  if (direction === 'egress') return `goes to ${packet.destination}`;
  if (packet.source === source.address) return `arrives from ${packet.source}`;
  return source.interface === null && source.node !== null
    ? `arrives from ${packet.source}, the tunnel address of ${source.node}`
    : `arrives from ${packet.source} instead of ${source.address}`;
}

/** A sentence and a space; empty where the objects were not read. */
function admitsWords({ direction, objects: read }: Case, names: readonly PolicyName[]): string {
  const objects = read.status === 'observed' ? read.value[direction] : null;
  const wanted = [...new Set(names.map(policyWords))];
  const policies = storedAs(wanted, objects);
  if (policies.length === 0 || policies.length < wanted.length) return '';
  const admitted = admittedWords(policies, direction);
  const they = names.length > 1 ? 'They allow' : 'It allows';
  return admitted === 'nothing' ? `${they} nothing. ` : `${they} only: ${admitted}. `;
}

function storedAs(names: readonly string[], objects: PolicyObjects | null): readonly CalicoPolicy[] {
  return objects?.policies.filter((policy) => names.some((name) => isSamePolicy(name, policyName(policy)))) ?? [];
}

/** A command names a policy as it is stored. */
function asStored(name: PolicyName, { objects: read, direction }: Case): PolicyName {
  const objects = read.status === 'observed' ? read.value[direction] : null;
  const isKubernetes = name.kind === 'KubernetesNetworkPolicy' || clusterPolicyKind(name.kind) !== null;
  const [stored, ...others] = isKubernetes ? [] : storedAs([policyWords(name)], objects);
  return stored && others.length === 0 ? { ...name, name: stored.metadata.name } : name;
}

/**
 * A policy of Calico 2.x goes by its stored name; null: it is not one. Its chain has no comment, and of a long name
 * only a hash.
 */
function ofV1(name: PolicyName, { objects: read, direction }: Case): PolicyName | null {
  const policies = read.status === 'observed' ? (read.value[direction]?.policies ?? []) : [];
  const prefix = direction === 'ingress' ? 'cali-pi-' : 'cali-po-';
  const stored = policies
    .filter(({ kind }) => kind === v1PolicyKind)
    .find(
      (policy) =>
        isSamePolicy(policyWords(name), policyName(policy)) ||
        chainName(prefix, policy.metadata.name) === prefix + name.name,
    );
  return stored ? { kind: v1PolicyKind, name: stored.metadata.name, namespace: null, tier: null } : null;
}

/** Whose rules are spelled in another way than those of Calico's own policies today. */
const apis: Readonly<Record<string, 'kubernetes' | 'calico-v1'>> = {
  KubernetesNetworkPolicy: 'kubernetes',
  [v1PolicyKind]: 'calico-v1',
};

function entryFor({ kind, namespace }: PolicyName, { denial, direction, flow, peer }: Case): string {
  const isIngress = direction === 'ingress';
  return admittingEntry({
    direction,
    api: clusterPolicyKind(kind) ?? (kind === null ? null : own(apis, kind)) ?? 'calico',
    namespace,
    peer: isIngress ? flow.source : flow.destination,
    seen: isIngress ? denial.packet.source : denial.packet.destination,
    endpoint: peer.status === 'observed' ? peer.value : null,
    port: flow.port,
  });
}

/** The policies that the ending rule's chain belongs to, or that the tier has for the endpoint. */
function namesOf(owner: Owner): readonly PolicyName[] {
  if (owner.policies.length > 0 || owner.kind !== 'policy') return owner.policies;
  const { name, namespace, tier } = owner;
  return [{ kind: null, name, namespace, tier }];
}
