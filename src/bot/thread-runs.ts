/** The diagnoses of one thread, and which of them a reply is about. */
import { describeGoal, describeTarget } from '../model/asked-flow.ts';
import { describePort, describeSource } from '../model/target-grammar.ts';
import type { Target } from '../model/target.ts';
import type { RunSurface } from '../runs/surface.ts';

interface ThreadRun {
  readonly run: string;
  readonly target: Target;
}

/** Returns what is the same for two runs of one flow. */
export function flowWords({ from, to, port, ...target }: Target): string {
  const ends = [from && describeSource(from), to && describeGoal(to), port && describePort(port)];
  return [target.cluster, describeTarget(target), ...ends].join(' ');
}

/**
 * Returns the newest run of each flow that the thread is about: of each alert, or the one that somebody asked for.
 * A diagnosis that a reply asked for is about the flow of another one, unless it is the same one again.
 * @param ids of the runs in the thread, in the order in which they were told
 */
export async function runsOfThread(
  { events }: Pick<RunSurface, 'events'>,
  ids: readonly string[],
): Promise<readonly ThreadRun[]> {
  const newest = new Map<string, ThreadRun>();
  const begun = new Set<string>();
  for (const run of ids) {
    const started = (await events(run)).find((event) => event.type === 'started');
    if (!started) continue;
    const flow = flowWords(started.target);
    newest.set(flow, { run, target: started.target });
    if (started.origin.kind !== 'recheck') begun.add(flow);
  }
  return [...newest].flatMap(([flow, one]) => (begun.has(flow) ? [one] : []));
}

/** Returns how a reply may name each of them: in one word, another one for each; its id where it has no such word. */
export function namesOf(runs: readonly ThreadRun[]): ReadonlyMap<string, string> {
  const all = runs.map(({ run, target }) => ({
    run,
    words: [describeTarget(target), ...flowWords(target).split(' ')],
  }));
  return new Map(
    all.map(({ run, words }) => {
      const others = new Set(all.flatMap((one) => (one.run === run ? [] : one.words)));
      return [run, words.find((word) => word !== '' && !others.has(word)) ?? run];
    }),
  );
}

/** Returns the run that the words name, and the words without its name; null: they name none, or more than one. */
export function addressed(
  words: string,
  runs: readonly ThreadRun[],
): { readonly run: string; readonly words: string } | null {
  const names = namesOf(runs);
  const pieces = words.split(/\s+/);
  for (const [at, piece] of pieces.entries()) {
    const given = unmarked(piece);
    const found = runs.filter(({ run, target }) => {
      const own = [describeTarget(target), `${target.namespace}/${target.pod}`, target.pod];
      return [run, names.get(run)].includes(given) || own.includes(withoutKind(given));
    });
    const [one] = found;
    if (one && found.length === 1) return { run: one.run, words: pieces.toSpliced(at, 1).join(' ') };
  }
  return null;
}

/** A name without the marks that people write around it. */
function unmarked(piece: string): string {
  return piece.replaceAll(/^[`*_"']{1,3}|[`*_"'.,;:?!]{1,3}$/g, '');
}

const withoutKind = (name: string) => name.replace(/^pods?[:/]/, '');
