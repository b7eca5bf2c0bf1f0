/** The flow that somebody asks about, from its words: one grammar for the command line, Slack and alerts. */
import { familyOf, type AddressFamily } from './addresses.ts';
import { own } from './own.ts';
import {
  describeSource,
  addressIn,
  isNamespace,
  isObjectName,
  parsePodName,
  parseSource,
  quoted,
  type Parsed,
} from './target-grammar.ts';
import type { FlowGoal, FlowPort, FlowSource, Target, TargetKind } from './target.ts';

export type AskedFlow = Omit<Target, 'cluster'>;
/** What a target is called. */
export type TargetName = Pick<Target, 'namespace' | 'pod' | 'kind'>;
/** The other end of a flow that begins at the named pod. */
export type AskedGoal = { readonly kind: 'target'; readonly name: TargetName } | FlowGoal;

const kinds: Readonly<Record<string, TargetKind | 'pod'>> = {
  pod: 'pod',
  pods: 'pod',
  po: 'pod',
  svc: 'service',
  service: 'service',
  deploy: 'deployment',
  deployment: 'deployment',
  sts: 'statefulset',
  statefulset: 'statefulset',
  ds: 'daemonset',
  daemonset: 'daemonset',
  labels: 'selector',
  address: 'address',
};
const words: Readonly<Record<TargetKind, string>> = {
  service: 'svc',
  deployment: 'deploy',
  statefulset: 'sts',
  daemonset: 'ds',
  selector: 'labels',
  address: 'address',
};
const forms =
  'NAMESPACE/POD, svc:, deploy:, sts: or ds:NAMESPACE/NAME, labels:NAMESPACE/KEY=VALUE, or address:NAMESPACE/ADDRESS';
const goalForms = 'svc:NAMESPACE/NAME, pod:NAMESPACE/NAME, node:NAME, outside:ADDRESS, api or dns';
/** By which name servers are called, CoreDNS too (kubernetes/cluster/addons/dns). */
const dnsService: TargetName = { namespace: 'kube-system', pod: 'kube-dns', kind: 'service' };
const dnsPort: FlowPort = { protocol: 'udp', number: 53 };

/** A key as Kubernetes allows it, alone or compared with a value. */
const labelTerm =
  /^(?:[a-z0-9][-.a-z0-9]{0,252}\/)?[A-Za-z0-9][-\w.]{0,62}(?:(?:=|==|!=)(?:[A-Za-z0-9][-\w.]{0,62})?)?$/;
const longestSelector = 253;

/**
 * `NS/POD`, a word of `kinds` with `NS/NAME`, or `NS/KEY=VALUE`. The port of an address is left out.
 * @param namespace of a name that is given without one
 */
export function parseTarget(text: string, namespace?: string): Parsed<TargetName> {
  const [, word = 'pod', rest = text] = /^([a-z]{1,20}):(.*)$/s.exec(text) ?? [];
  const kind = own(kinds, word);
  if (kind === undefined) return { ok: false, problem: `${quoted(text)} is not a target: use ${forms}` };
  const full = namespace === undefined || isWhole(rest) ? rest : `${namespace}/${rest}`;
  if (kind === 'selector' || (kind === 'pod' && full.includes('='))) return parseLabels(full);
  if (kind === 'address') return parseAddress(full);
  const named = parsePodName(full);
  if (kind === 'pod') return named;
  if (named.ok) return { ok: true, value: { ...named.value, kind } };
  const [space = ''] = full.split('/');
  return {
    ok: false,
    problem: isObjectName(space) && full.includes('/') ? invalid(full, kind) : `${quoted(rest)} is not NAMESPACE/NAME`,
  };
}

/** Returns how the grammar writes a kind, with its colon; null: the word is not a kind. */
export function kindOf(word: string): string | null {
  const kind = own(kinds, word.replace(/\.(?:apps|v1)$/, ''));
  if (kind === undefined) return null;
  return kind === 'pod' ? 'pod:' : `${words[kind]}:`;
}

/** As kubectl names an object, its kind stands where a namespace is expected. null: the word is not a kind. */
export function kindWords(namespace: string): string | null {
  const kind = own(kinds, namespace);
  if (kind === undefined) return null;
  return kind === 'pod' ? ': write NAMESPACE/POD' : `: write ${words[kind]}:NAMESPACE/NAME`;
}

/**
 * As kubectl takes it: a name, or KIND/NAME, with the namespace beside it. A name that has a namespace already would
 * contradict it.
 */
export function parseTargetIn(namespace: string, text: string): Parsed<TargetName> {
  const [, space = '', name = ''] = /^([a-z]{1,20})\/([^/=]{1,253})$/.exec(text) ?? [];
  if (own(kinds, space) !== undefined && space !== namespace) return parseTarget(`${space}:${namespace}/${name}`);
  const target = parseTarget(text, namespace);
  return target.ok && target.value.namespace !== namespace
    ? { ok: false, problem: `${quoted(text)} names a namespace itself: leave -n ${namespace} out` }
    : target;
}

/** Keys of labels may have a slash, too, behind a name with dots. */
function isWhole(text: string): boolean {
  return /^[-a-z0-9]*\//.test(text);
}

function parseAddress(text: string): Parsed<TargetName> {
  const [, namespace = '', named = ''] = /^([^/]{1,63})\/(.{1,60})$/.exec(text) ?? [];
  const address = addressIn(named.replace(/^([\d.]{7,15}|\[[^\]]{1,45}\]):\d{1,5}$/, '$1'));
  return isNamespace(namespace) && address !== null
    ? { ok: true, value: { namespace, pod: address, kind: 'address' } }
    : { ok: false, problem: `${quoted(text)} is not NAMESPACE/ADDRESS of a pod, such as default/192.0.2.5` };
}

function invalid(text: string, kind: TargetKind): string {
  return `${quoted(text)} is not a valid name of a ${kind}`;
}

function parseLabels(text: string): Parsed<TargetName> {
  const slash = text.indexOf('/');
  const [namespace, selector] = [text.slice(0, Math.max(slash, 0)), text.slice(slash + 1)];
  const space = parsePodName(`${namespace}/x`);
  if (slash < 0 || !space.ok) return { ok: false, problem: `${quoted(text)} is not NAMESPACE/KEY=VALUE` };
  return selector.length <= longestSelector && selector.split(',').every((term) => labelTerm.test(term))
    ? { ok: true, value: { namespace, pod: selector, kind: 'selector' } }
    : { ok: false, problem: `${quoted(selector)} is not a list of labels such as app=web,tier=front` };
}

/** Where a flow goes: another target, `node:NAME`, `outside:ADDRESS`, `api` for the Kubernetes API, or `dns`. */
export function parseGoal(text: string): Parsed<AskedGoal> {
  if (text === 'dns') return { ok: true, value: { kind: 'target', name: dnsService } };
  if (text === 'api') return { ok: true, value: { kind: 'api' } };
  const [word = ''] = text.split(':');
  if (text.includes(':') && (word === 'node' || word === 'outside')) {
    const end = parseSource(text);
    if (!end.ok) return end;
    if (end.value.kind !== 'pod') return { ok: true, value: end.value };
  }
  const target = parseTarget(text);
  if (target.ok) return { ok: true, value: { kind: 'target', name: target.value } };
  return own(kinds, word) === undefined && !text.includes('/')
    ? { ok: false, problem: `${quoted(text)} is not an end of a flow: use ${goalForms}` }
    : target;
}

/**
 * The flow of a target and of the other end that is given. A flow to another target is that target's, with the named
 * pod as its source: it is the same flow, whichever end is named first.
 */
export function flowOf(
  name: TargetName,
  given: {
    readonly from: FlowSource | null;
    readonly to: AskedGoal | null;
    readonly port: FlowPort | null;
    readonly wait?: number | null | undefined;
    readonly family?: AddressFamily | null | undefined;
  },
): Parsed<AskedFlow> {
  const { wait = null, family = null, ...ends } = given;
  const flow = flowBetween(name, ends);
  const waited = wait === null || !flow.ok ? flow : withWait(flow.value, wait);
  return family === null || !waited.ok ? waited : withFamily(waited.value, family);
}

function withFamily(flow: AskedFlow, family: AddressFamily): Parsed<AskedFlow> {
  const named = namedAddress(flow);
  return named === null || familyOf(named) === family
    ? { ok: true, value: { ...flow, family } }
    : { ok: false, problem: `${named} is not an address of IPv${family}: leave the family out` };
}

/** An address that was asked about says its family itself. */
function namedAddress({ kind, pod, from, to }: AskedFlow): string | null {
  if (from?.kind === 'outside') return from.address;
  if (to?.kind === 'outside') return to.address;
  return kind === 'address' ? pod : null;
}

function withWait(flow: AskedFlow, wait: number): Parsed<AskedFlow> {
  const { kind, from, to } = flow;
  if (kind !== undefined || to !== undefined)
    return { ok: false, problem: 'wait watches the interfaces of one pod: name the pod to which the client sends' };
  if (from === null) return { ok: false, problem: 'wait needs the client: name it with from' };
  return { ok: true, value: { ...flow, wait } };
}

function flowBetween(
  name: TargetName,
  {
    from,
    to,
    port,
  }: { readonly from: FlowSource | null; readonly to: AskedGoal | null; readonly port: FlowPort | null },
): Parsed<AskedFlow> {
  const served = to?.kind === 'target' ? to.name.kind : name.kind;
  if (port?.protocol === 'icmp' && (served === 'service' || to?.kind === 'api'))
    return { ok: false, problem: 'a Service answers no ping: name one of its ports' };
  if (to === null) return { ok: true, value: { ...name, from, port } };
  if (from !== null)
    return { ok: false, problem: 'from and to cannot go together: the target is the other end. Leave one of them out' };
  if (name.kind !== undefined)
    return { ok: false, problem: `${describeTarget(name)} sends nothing itself: name one of its pods` };
  if (to.kind !== 'target') return { ok: true, value: { ...name, from, port, to } };
  const asked = port ?? (to.name === dnsService ? dnsPort : null);
  const sender: FlowSource = { kind: 'pod', namespace: name.namespace, name: name.pod };
  return { ok: true, value: { ...to.name, from: sender, port: asked } };
}

/** What is asked in another way the next time. `to` and `name` take the other end along only where it still fits. */
export interface FlowChange {
  readonly name?: TargetName;
  readonly from?: FlowSource;
  readonly to?: AskedGoal;
  readonly port?: FlowPort;
  /** Seconds. */
  readonly wait?: number;
  readonly family?: AddressFamily;
}

/** Returns the flow of a diagnosis with what is asked in another way. */
export function changedFlow(before: Target, { family, ...change }: FlowChange): Parsed<AskedFlow> {
  const changed = changedEnds(before, change);
  if (!changed.ok) return changed;
  const { family: _family, ...flow } = changed.value;
  if (family !== undefined) return withFamily(flow, family);
  // It stays, where the new end does not say another.
  const kept = before.family === undefined ? null : withFamily(flow, before.family);
  return kept?.ok ? kept : { ok: true, value: flow };
}

function changedEnds({ cluster: _cluster, ...flow }: Target, change: Omit<FlowChange, 'family'>): Parsed<AskedFlow> {
  const { name = flow, from = null, to = null, port = flow.port } = change;
  const { namespace, pod, kind } = name;
  if (to !== null) return flowOf({ namespace, pod, kind }, { from, to, port, wait: change.wait });
  // Another target is asked about from the same end; a flow that the old one sent was its own.
  const isOther = change.name !== undefined;
  if (from === null && flow.to !== undefined && !isOther)
    return change.wait === undefined ? { ok: true, value: { ...flow, port } } : withWait(flow, change.wait);
  // Who asked to wait for a client wanted no test packets to be sent in its name.
  const wait = change.wait ?? (isOther || from !== null ? null : flow.wait);
  return flowOf({ namespace, pod, kind }, { from: from ?? flow.from, to: null, port, wait });
}

/** `NS/POD`, `svc:NS/NAME`, `labels:NS/KEY=VALUE` and so on. */
export function describeTarget({ namespace, pod, kind }: TargetName): string {
  return `${kind === undefined ? '' : `${words[kind]}:`}${namespace}/${pod}`;
}

/** `node:NAME`, `outside:ADDRESS` or `api`. */
export function describeGoal(goal: FlowGoal): string {
  return goal.kind === 'api' ? 'api' : describeSource(goal);
}
