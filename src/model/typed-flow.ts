/** What people type or paste in a hurry, as words of the grammar: `TARGET from … port …`. */
import { describeTarget, kindOf, parseTarget, parseTargetIn } from './asked-flow.ts';
import { addressIn, isNamespace, isObjectName, parsePodName, parsePort, quoted } from './target-grammar.ts';
import { typedHost } from './typed-host.ts';
import { isOption, plainWords } from './typed-words.ts';

/** `meant`: what would do. `half`: what a dialog can go on with. */
interface Wrong {
  readonly ok: false;
  readonly problem: string;
  readonly meant: string;
  readonly half?: string;
}
export type TypedFlow = { readonly ok: true; readonly words: readonly string[] } | Wrong;

/**
 * Returns the words in which the grammar says the same. What it does not know stays as it is.
 * @param words behind the verb
 * @param mayPair two names side by side are a namespace and a pod
 */
export function typedFlow(words: readonly string[], mayPair = true): TypedFlow {
  const { namespace, words: plain } = takeNamespace(plainWords(words));
  const end = plain.findIndex((word) => isOption(word));
  const [names, given] = end < 0 ? [plain, []] : [plain.slice(0, end), plain.slice(end)];
  if (names.length === 0) return { ok: true, words: given };
  const listed = fromTable(names);
  const { kind, names: named } = takeKind(listed.names);
  const { port: ported, others } = takePort(named);
  const [first = '', ...more] = others;
  const { name, port: own } = kind === '' ? withoutPort(first) : { name: first, port: null };
  const target = targetOf({ kind, name: plainName(name), more, namespace, mayPair });
  if ('problem' in target) return target;
  const asked = typedOptions(given);
  const port = asked.some((word) => /^(?:--)?port$/.test(word)) ? null : (ported ?? listed.port ?? own);
  return { ok: true, words: [target.name, ...target.rest, ...asked, ...(port === null ? [] : ['port', port])] };
}

const isNamed = (word: string, at: number) =>
  /^(?:-n|--namespace)$/.test(word) || (at > 0 && /^(?:ns|namespace)$/.test(word));

function takeNamespace(words: readonly string[]) {
  const at = words.findIndex((word, index) => isNamed(word, index) && isNamespace(words[index + 1] ?? ''));
  if (at < 0) return { namespace: null, words };
  const before = words[at - 1] === 'in' ? at - 1 : at;
  return { namespace: words[at + 1] ?? null, words: [...words.slice(0, before), ...words.slice(at + 2)] };
}

/** A line of `kubectl get`: its further columns say nothing of the flow, but what kind of object it is. */
function fromTable(words: readonly string[]): { readonly names: readonly string[]; readonly port: string | null } {
  const at = words.findIndex((word, index) => index > 0 && /^(?:\d+\/\d+|ClusterIP|NodePort|LoadBalancer)$/.test(word));
  if (at < 0) return { names: words, port: null };
  const [column = '', next = '', , ports = ''] = words.slice(at);
  const names = words.slice(0, at);
  const kind = (word: string) => (names.some((name) => /[/:]/.test(name)) ? names : [word, ...names]);
  if (!column.includes('/')) return { names: kind('svc'), port: /^(\d{1,5})(?::\d+)?\/TCP$/.exec(ports)?.[1] ?? null };
  if (/^[A-Z]/.test(next)) return { names, port: null };
  return /^\d+$/.test(next) ? { names: kind('deploy'), port: null } : { names: words, port: null };
}

/** The kind that stands before a name, with its colon. */
function takeKind(words: readonly string[]): { readonly kind: string; readonly names: readonly string[] } {
  const [first = '', second, ...more] = words;
  const kind = kindOf(first.toLowerCase());
  if (kind === null || second === undefined || parsePort(second).ok) return { kind: '', names: words };
  return { kind, names: [second, ...more] };
}

function takePort(words: readonly string[]) {
  const at = words.findIndex((word, index) => index > 0 && parsePort(typedPort(word)).ok);
  if (at < 0) return { port: null, others: words };
  const before = /^(?:on|at)$/.test(words[at - 1] ?? '') ? at - 1 : at;
  return { port: typedPort(words[at] ?? ''), others: [...words.slice(0, before), ...words.slice(at + 1)] };
}

/** `:8080`, `8080/TCP` and `tcp/8080`. */
function typedPort(text: string): string {
  return text
    .toLowerCase()
    .replace(/^:(?=\d)/, '')
    .replace(/^(tcp|udp)\/(\d+)$/, '$2/$1');
}

function withoutPort(text: string): { readonly name: string; readonly port: string | null } {
  const host = typedHost(text);
  if (host) return { name: host.target, port: host.port };
  const [, name = text, port = null] = /^([^[\]]{1,300}\/[^/:]{1,253}):([1-9]\d{0,4})$/.exec(text) ?? [];
  return { name, port };
}

interface Typed {
  readonly kind: string;
  readonly name: string;
  readonly more: readonly string[];
  readonly namespace: string | null;
  readonly mayPair: boolean;
}

type Target = { readonly name: string; readonly rest: readonly string[] } | Wrong;

function targetOf({ kind, name, more, namespace, mayPair }: Typed): Target {
  if (namespace !== null) {
    const found = parseTargetIn(namespace, addressIn(name) === null ? `${kind}${name}` : `address:${name}`);
    if (!found.ok) return { ok: false, problem: found.problem, meant: name };
    return { name: describeTarget(found.value), rest: more };
  }
  const [second = '', ...others] = more.map((word) => plainName(word));
  const isPair = (mayPair || kind !== '') && isNamespace(name) && isObjectName(second) && others.length === 0;
  if (isPair) return { name: whole(kind, name, second), rest: [] };
  if (kind !== '' && isObjectName(name)) return lacksNamespace(kind, name);
  const [service = '', space = '', ...labels] = name.split('.');
  if (kind === '' && labels.length === 0 && isNamespace(service) && isNamespace(space))
    return { ok: false, problem: `${quoted(name)} may be a Service or a pod`, meant: `svc:${space}/${service}` };
  const targets = [...name.split(','), ...more.map((word) => plainName(word))].filter((one) => parseTarget(one).ok);
  const [one] = targets;
  if (one !== undefined && targets.length > 1)
    return { ok: false, problem: `one target at a time, and here are ${targets.length}`, meant: one };
  const [inSpace = '', inIt = ''] = name.split('/');
  const isAddress = kind === '' && isNamespace(inSpace) && addressIn(inIt) !== null;
  return { name: isAddress ? whole('', inSpace, inIt) : `${bare(kind)}${name}`, rest: more };
}

/** A pod needs no kind. */
const bare = (kind: string) => (kind === 'pod:' ? '' : kind);

function whole(kind: string, namespace: string, name: string): string {
  return addressIn(name) === null ? `${bare(kind)}${namespace}/${name}` : `address:${namespace}/${name}`;
}

function lacksNamespace(kind: string, name: string): Wrong {
  const problem = `the namespace of ${quoted(name)} is missing`;
  return { ok: false, problem, meant: `${bare(kind)}NAMESPACE/${name}`, half: `${bare(kind)}${name}` };
}

/** No name of Kubernetes has capitals, but values of labels may. */
function plainName(text: string): string {
  const plain = text.includes('=') ? text : text.toLowerCase();
  const [, word = '', rest = ''] = /^([a-z]{1,20})(?:\.[a-z0-9.]{1,40})?[/:]([^/]+\/[^/]+)$/.exec(plain) ?? [];
  const kind = kindOf(word);
  if (kind !== null) return `${bare(kind)}${rest}`;
  const [, group = '', named = ''] = /^([a-z]{1,20})\.(?:apps|v1|k8s\.io)\/([^/]+)$/.exec(plain) ?? [];
  if (kindOf(group) !== null) return `${group}/${named}`;
  const [, first = '', second = ''] = /^([^:/]+):([^:/]+)$/.exec(plain) ?? [];
  // A kind before a colon wants a namespace; another word is one.
  const isPair = kindOf(first) === null && isNamespace(first) && isObjectName(second) && !/^\d+$/.test(second);
  return isPair ? `${first}/${second}` : plain;
}

/** Values of options, with what stands for a Service or a port as programs log it. */
function typedOptions(words: readonly string[]): readonly string[] {
  const [word, value, next = '', ...more] = words;
  if (word === undefined || value === undefined) return words;
  const option = word.replace(/^--/, '');
  const rest = () => typedOptions(words.slice(2));
  if (option === 'port') return [word, typedPort(value), ...rest()];
  if (option !== 'from' && option !== 'to') return isOption(word) ? [word, value, ...rest()] : words;
  const isPair = isNamespace(value) && isObjectName(next) && !isOption(next) && !/^(?:api|dns)$/.test(value);
  if (isPair) return [word, `${value}/${next}`, ...typedOptions(more)];
  const { end, port } = typedEnd(option, value);
  const given = rest();
  return [
    word,
    end,
    ...(port === null || given.some((one) => /^(?:--)?port$/.test(one)) ? [] : ['port', port]),
    ...given,
  ];
}

function typedEnd(option: 'from' | 'to', value: string): { readonly end: string; readonly port: string | null } {
  const plain = value.replace(
    /^(node|outside|pod|svc|service|deploy|deployment|sts|ds)\/(?=[^/]{1,253}(?:\/|$))/i,
    '$1:',
  );
  const host = option === 'to' ? typedHost(plain) : null;
  if (host && addressIn(host.target) === null) return { end: host.target, port: host.port };
  return { end: parsePodName(plain.toLowerCase()).ok ? plain.toLowerCase() : plain, port: null };
}
