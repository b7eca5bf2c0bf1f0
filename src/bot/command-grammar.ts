/** What people type after `/calico`. */
import { nearest } from '../model/nearest.ts';
import { flowOf, parseGoal, parseTarget, type AskedFlow, type AskedGoal } from '../model/asked-flow.ts';
import { parsePodName, parsePort, parseSource, quoted, type Parsed } from '../model/target-grammar.ts';
import type { FlowPort, FlowSource } from '../model/target.ts';

export type Command =
  | { readonly verb: 'help' }
  | { readonly verb: 'diagnose'; readonly asked: AskedFlow }
  /** `run` null: the one that the person asked for last. */
  | { readonly verb: 'cancel'; readonly run: string | null }
  /** `example`: what was meant, as far as can be told. */
  | { readonly verb: 'unclear'; readonly problem: string; readonly example: string };

const verbs = ['diagnose', 'cancel', 'help'];
const options = ['from', 'to', 'port'];
const example = 'diagnose default/mypod';
const longest = 1000;

/** Reads the text of a command. Never throws: what it does not understand is `unclear`, in one line. */
export function parseCommand(text: string): Command {
  if (text.length > longest)
    return unclear(`the command has ${text.length} characters, and at most ${longest} are allowed`);
  const [verb, ...words] = text
    .trim()
    .split(/\s+/)
    .filter((word) => word !== '');
  if (verb === undefined || verb === 'help') return { verb: 'help' };
  if (verb === 'diagnose') return diagnoseCommand(words);
  if (verb === 'cancel') return cancelCommand(words);
  if (words.length === 0 && parsePodName(verb).ok) return unclear('the verb is missing', `diagnose ${verb}`);
  const meant = nearest(verb, verbs);
  return unclear(
    `there is no command ${quoted(verb)}`,
    meant === 'diagnose'
      ? ['diagnose', words[0] && parsePodName(words[0]).ok ? words[0] : 'default/mypod'].join(' ')
      : (meant ?? 'help'),
  );
}

function diagnoseCommand([name, ...rest]: readonly string[]): Command {
  if (name === undefined) return unclear('the pod is missing');
  const target = parseTarget(name);
  if (!target.ok) return unclear(target.problem);
  const given = readOptions(rest);
  const flow = given.ok ? flowOf(target.value, given.value) : given;
  if (!flow.ok) return unclear(flow.problem, `diagnose ${name} from pod:default/client port 8080/tcp`);
  return { verb: 'diagnose', asked: flow.value };
}

function cancelCommand([run, ...more]: readonly string[]): Command {
  if (run === undefined) return { verb: 'cancel', run: null };
  if (!/^r-[\w.-]{1,100}$/.test(run)) return unclear(`${quoted(run)} is not the id of a run`, 'cancel');
  return more.length > 0 ? unclear('one run at a time', `cancel ${run}`) : { verb: 'cancel', run };
}

interface Given {
  readonly from: FlowSource | null;
  readonly to: AskedGoal | null;
  readonly port: FlowPort | null;
}

const parsers = { from: parseSource, to: parseGoal, port: parsePort } as const;

function readOptions(words: readonly string[]): Parsed<Given> {
  let found: Given = { from: null, to: null, port: null };
  for (let index = 0; index < words.length; index += 2) {
    const word = words[index] ?? '';
    const option = word.replace(/^--/, '');
    const value = words[index + 1];
    if (option !== 'from' && option !== 'to' && option !== 'port') {
      const meant = nearest(option, options);
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

function unclear(problem: string, meant: string = example): Command {
  return { verb: 'unclear', problem, example: meant };
}
