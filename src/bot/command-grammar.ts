/** What people type after `/calico`. */
import { own } from '../model/own.ts';
import { nearest } from '../model/nearest.ts';
import { flowOf, parseGoal, parseTarget, type AskedFlow, type AskedGoal } from '../model/asked-flow.ts';
import {
  addressIn,
  parseFamily,
  parseNodeName,
  parsePodName,
  parsePort,
  parseSource,
  parseWait,
  quoted,
  type Parsed,
} from '../model/target-grammar.ts';
import { typedFlow } from '../model/typed-flow.ts';
import { plainWords } from '../model/typed-words.ts';
import type { AddressFamily } from '../model/addresses.ts';
import type { FlowPort, FlowSource } from '../model/target.ts';

export type Command =
  | { readonly verb: 'help' }
  /** Without a cluster: the one of the channel, or the only one. */
  | { readonly verb: 'diagnose'; readonly asked: AskedFlow; readonly cluster?: string | undefined }
  /** A command that is not whole: a dialog asks for the rest. `problem`: what is said where no dialog can ask. */
  | {
      readonly verb: 'ask';
      readonly about: AskedAbout;
      readonly filled?: Readonly<Partial<Record<'pod' | 'typed' | AskedField, string>>>;
      readonly problem?: { readonly problem: string; readonly example: string };
    }
  /** Of one pod, as who may reach it. */
  | { readonly verb: 'policy'; readonly asked: AskedFlow; readonly cluster?: string | undefined }
  | { readonly verb: 'status' | 'runs' }
  | { readonly verb: 'node'; readonly node: string; readonly cluster?: string | undefined }
  /** `turn` null: list them. */
  | { readonly verb: 'fixes'; readonly turn: 'on' | 'off' | null }
  | { readonly verb: 'explain'; readonly rule: string }
  | { readonly verb: 'report'; readonly run: string | null }
  /** `run` null: the one that the person asked for last. */
  | { readonly verb: 'cancel'; readonly run: string | null }
  /** `example`: what was meant, as far as can be told. */
  | { readonly verb: 'unclear'; readonly problem: string; readonly example: string };

/** What a dialog asks about. */
type AskedAbout = 'diagnose' | 'policy' | 'node';

const verbs = ['diagnose', 'policy', 'status', 'node', 'runs', 'fixes', 'explain', 'cancel', 'report', 'help'] as const;
type Verb = (typeof verbs)[number];
/** Options that the dialog has a field for. */
const fields = ['from', 'to', 'port', 'wait'] as const;
type AskedField = (typeof fields)[number];
const options = ['from', 'to', 'port', 'wait', 'family', 'in'] as const;
const longest = 1000;

/** Reads the text of a command. Never throws: what it does not understand is `unclear`, in one line. */
export function parseCommand(text: string): Command {
  if (text.length > longest)
    return unclear(`the command has ${text.length} characters, and at most ${longest} are allowed`);
  const [typed, ...words] = text
    .trim()
    .split(/\s+/)
    .filter((word) => word !== '');
  const verb = typed?.toLowerCase();
  if (verb === undefined) return { verb: 'help' };
  const known = verbs.find((one) => one === verb);
  if (known) return readers[known](words);
  if (words.length === 0 && parsePodName(verb).ok) return unclear('the verb is missing', `diagnose ${verb}`);
  return unclear(`there is no command ${quoted(verb)}`, meantBy(verb, words));
}

const readers: Readonly<Record<Verb, (words: readonly string[]) => Command>> = {
  diagnose: (words) => (words.length === 0 ? { verb: 'ask', about: 'diagnose' } : flowCommand('diagnose', words)),
  policy: (words) => flowCommand('policy', words),
  status: (words) => alone('status', words),
  runs: (words) => alone('runs', words),
  node: nodeCommand,
  fixes: fixesCommand,
  explain: explainCommand,
  cancel: (words) => runCommand('cancel', words),
  report: (words) => runCommand('report', words),
  help: () => ({ verb: 'help' }),
};

/** Words of other programs, and what they are called here. */
const otherWords: Readonly<Record<string, Verb>> = {
  stop: 'cancel',
  abort: 'cancel',
  list: 'runs',
  history: 'runs',
  approve: 'fixes',
  apply: 'fixes',
  rollback: 'fixes',
  policies: 'policy',
  netpol: 'policy',
  pods: 'diagnose',
  doctor: 'status',
  health: 'status',
  version: 'status',
};

/** The nearest command, with what was typed behind it where that is of the right form. A pod is to be diagnosed. */
function meantBy(verb: string, words: readonly string[]): string {
  const meant = own(otherWords, verb) ?? nearest(verb, verbs);
  const pod = [verb, ...words].map((word) => word.replace(/[?!.,]$/, '')).find((word) => parsePodName(word).ok);
  if (pod !== undefined && (meant === null || meant === 'help')) {
    const all = plainWords([verb, ...words]);
    const whole = `diagnose ${all.slice(all.findIndex((word) => word.startsWith(pod))).join(' ')}`;
    return parseCommand(whole).verb === 'diagnose' ? whole : `diagnose ${pod}`;
  }
  if (meant === 'diagnose' || meant === 'policy') {
    return [meant, pod ?? 'default/mypod'].join(' ');
  }
  const whole = [meant ?? 'help', ...words].join(' ');
  return meant !== null && parseCommand(whole).verb !== 'unclear' ? whole : (meant ?? 'help');
}

function flowCommand(verb: 'diagnose' | 'policy', typed: readonly string[]): Command {
  // Words of people begin with policy, too.
  const said = typedFlow(typed, verb === 'diagnose');
  if (!said.ok) {
    const meant = unclear(said.problem, `${verb} ${said.meant}`);
    return said.half === undefined ? meant : asking(verb, meant, { typed: said.half, ...typedFields(typed) });
  }
  const { words } = said;
  const [name, ...rest] = words;
  if (name === undefined) return asking(verb, unclear('the pod is missing', `${verb} default/mypod`));
  const target = verb === 'policy' ? parsePodName(name) : parseTarget(name);
  if (!target.ok) {
    const meant = unclear(target.problem, `${verb} ${meantTarget(verb, name)}`);
    // Words of people begin like this, too: a person who means a policy's pod has typed no more.
    const isMeant = isHalf(name) && (verb === 'diagnose' || rest.length === 0);
    return isMeant ? asking(verb, meant, { typed: name, ...typedFields(rest) }) : meant;
  }
  const outside = rest.map((word, at) => (addressIn(word) !== null && isFrom(rest[at - 1]) ? `outside:${word}` : word));
  const isOutside = outside.some((word, at) => word !== rest[at]);
  const example = `${verb} ${name} ${isOutside ? outside.join(' ') : 'from pod:default/client port 8080/tcp'}`;
  const given = readOptions(rest);
  if (!given.ok) {
    const meant = unclear(given.problem, example);
    return lacksValue(rest) ? asking(verb, meant, { pod: name, ...typedFields(rest) }) : meant;
  }
  const flow = flowOf(target.value, given.value);
  if (!flow.ok) return unclear(flow.problem, example);
  if (verb === 'policy' && flow.value.wait !== undefined)
    return unclear('policy sends nothing, so there is nothing to wait for', `diagnose ${words.join(' ')}`);
  return { verb, asked: flow.value, cluster: given.value.in ?? undefined };
}

const isFrom = (word: string | undefined) => word === 'from' || word === '--from';

/** What was typed, as it has to be written; where that is not known, an example. */
function meantTarget(verb: 'diagnose' | 'policy', typed: string): string {
  if (verb === 'diagnose' && addressIn(typed) !== null) return `address:NAMESPACE/${typed}`;
  const plain = typed.toLowerCase().replaceAll(/["'`,;]/g, '');
  return parsePodName(plain).ok ? plain : 'default/mypod';
}

/** `NAMESPACE`, `NAMESPACE/`, or one of these behind a kind: the beginning of a target. */
function isHalf(name: string): boolean {
  return /^(?:[a-z]{2,20}:)?(?:[a-z0-9][-a-z0-9]{0,62}\/?)?$/.test(name);
}

function lacksValue(words: readonly string[]): boolean {
  return words.length % 2 === 1 && options.some((option) => option === words.at(-1)?.replace(/^--/, ''));
}

type Asking = Extract<Command, { readonly verb: 'ask' }>;

/** @param filled what was typed: it stands in the dialog */
function asking(about: AskedAbout, { problem, example }: Unclear, filled: Asking['filled'] = {}): Asking {
  return { verb: 'ask', about, filled, problem: { problem, example } };
}

function typedFields(words: readonly string[]): Asking['filled'] {
  const given = fields.flatMap((field) => {
    const at = words.findIndex((word) => word.replace(/^--/, '') === field);
    const value = at < 0 ? undefined : words[at + 1];
    return value === undefined ? [] : [[field, value] as const];
  });
  return Object.fromEntries(given);
}

type Unclear = Extract<Command, { readonly verb: 'unclear' }>;

function alone(verb: 'status' | 'runs', words: readonly string[]): Command {
  return words.length === 0 ? { verb } : unclear(`${quoted(words.join(' '))} is too much`, verb);
}

function nodeCommand([name, ...more]: readonly string[]): Command {
  if (name === undefined) return asking('node', unclear('the name of the node is missing', 'node NAME'));
  const node = parseNodeName(name);
  if (!node.ok) {
    const plain = parseNodeName(name.toLowerCase());
    return unclear(node.problem, `node ${plain.ok ? plain.value : 'NAME'}`);
  }
  const [word, cluster, ...others] = more;
  if (more.length > 0 && (word !== 'in' || cluster === undefined || others.length > 0))
    return unclear('one node at a time', `node ${node.value}`);
  return { verb: 'node', node: node.value, cluster };
}

function fixesCommand([turn, ...more]: readonly string[]): Command {
  if (turn === undefined) return { verb: 'fixes', turn: null };
  if ((turn === 'on' || turn === 'off') && more.length === 0) return { verb: 'fixes', turn };
  return unclear(`${quoted([turn, ...more].join(' '))} is neither on nor off`, 'fixes off');
}

function explainCommand([rule, ...more]: readonly string[]): Command {
  if (rule === undefined) return unclear('the rule is missing', 'explain pod-profile-missing');
  // A title of a page, or words of it: its id has hyphens.
  return { verb: 'explain', rule: [rule, ...more].join('-') };
}

function runCommand(verb: 'cancel' | 'report', [run, ...more]: readonly string[]): Command {
  if (run === undefined) return { verb, run: null };
  if (!/^r-[\w.-]{1,100}$/.test(run)) return unclear(`${quoted(run)} is not the id of a run`, verb);
  return more.length > 0 ? unclear('one run at a time', `${verb} ${run}`) : { verb, run };
}

interface Given {
  readonly from: FlowSource | null;
  readonly to: AskedGoal | null;
  readonly port: FlowPort | null;
  readonly wait: number | null;
  readonly family: AddressFamily | null;
  /** The cluster. */
  readonly in: string | null;
}

/** Which clusters there are is not the grammar's to know. */
const parseCluster = (text: string): Parsed<string> => ({ ok: true, value: text });
const parsers = {
  from: parseSource,
  to: parseGoal,
  port: parsePort,
  wait: parseWait,
  family: parseFamily,
  in: parseCluster,
} as const;

function readOptions(words: readonly string[]): Parsed<Given> {
  let found: Given = { from: null, to: null, port: null, wait: null, family: null, in: null };
  for (let index = 0; index < words.length; index += 2) {
    const word = words[index] ?? '';
    const typed = word.replace(/^--/, '');
    const option = options.find((one) => one === typed);
    const value = words[index + 1];
    if (option === undefined) {
      const meant = nearest(typed, options);
      return {
        ok: false,
        problem: `${quoted(word)} is not an option${meant ? `: did you mean ${quoted(meant)}?` : ''}`,
      };
    }
    if (value === undefined) return { ok: false, problem: `the value of ${quoted(word)} is missing` };
    if (found[option] !== null) return { ok: false, problem: `${quoted(option)} is given twice` };
    const parsed = parsers[option](value);
    if (!parsed.ok) return parsed;
    found = { ...found, [option]: parsed.value };
  }
  return { ok: true, value: found };
}

function unclear(problem: string, meant: string = 'diagnose default/mypod'): Unclear {
  return { verb: 'unclear', problem, example: meant };
}
