import type { Fact } from '../model/evidence.ts';
import type { ControlFlow, ControlFlowFact } from '../model/control-flow.ts';
import type { FactKey, FactValue } from '../model/facts.ts';
import type { FlowEnd } from '../model/flow.ts';
import { describeEnd } from '../model/flow-end-words.ts';
import type { Reachability, ReachAttempt } from '../model/reachability.ts';
import type { FlowOutcome } from '../model/flow-state.ts';
import type { Control, FixPlan, WatchedControl } from '../model/fix.ts';
import { describePort } from '../model/target-grammar.ts';
import type { FlowSource, Target } from '../model/target.ts';
import { startGathering, type GatherDeps } from '../engine/gather.ts';
import type { DiagnoseRequest } from '../engine/diagnose.ts';

/** What got through and what was refused before a fix, or after it. */
export interface Controls {
  /** Of the flow; null: it could not be settled. */
  readonly source: FlowSource | null;
  readonly ways: Fact<Reachability>;
  readonly outcome: FlowOutcome;
  readonly flows: Readonly<Partial<Record<ControlFlowFact, Fact<readonly ControlFlow[]>>>>;
}

/** What two looks at the controls say, in words. */
export interface Comparison {
  readonly worse: readonly string[];
  /** What was watched, what there was not to watch, and what was not checked again. */
  readonly told: readonly string[];
}

/**
 * Tries what a plan's controls watch. What a read that failed left unknown is tried once more.
 * @param before what the check before the fix tried: the same is tried again, from the same source; null in that check
 * itself.
 */
export async function tryControls(
  deps: GatherDeps,
  { run, target }: DiagnoseRequest,
  { controls, input }: Pick<FixPlan, 'input'> & { readonly controls: readonly WatchedControl[] },
  before: Controls | null,
  signal: AbortSignal,
): Promise<Controls> {
  const asked: Target = before?.source && !target.to ? { ...target, from: before.source } : target;
  const watch = { namespace: namespaceOf(input, target), again: before && valuesOf(before.flows) };
  const fact = askTwice({ ...deps, watch }, asked, run, signal);
  const [ways, flow, outcome, ...flows] = await Promise.all([
    fact('reachability'),
    fact('flow'),
    fact('tried-outcome'),
    ...flowFacts(controls).map(async (key) => [key, await fact(key)] as const),
  ]);
  return {
    source: flow.status === 'observed' ? sourceOf(flow.value.source) : null,
    ways,
    outcome: outcome.status === 'observed' ? outcome.value : { flow: 'unknown', judgedPort: 'unknown' },
    flows: Object.fromEntries(flows),
  };
}

/** Says of each control whether there is a flow to watch, before anybody approves: each flow is tried once. */
export async function chooseControls(
  deps: GatherDeps,
  { run, target }: DiagnoseRequest,
  { controls, input }: Pick<FixPlan, 'input'> & { readonly controls: readonly WatchedControl[] },
  signal: AbortSignal,
): Promise<readonly Control[]> {
  const watch = { namespace: namespaceOf(input, target), again: null };
  const fact = askTwice({ ...deps, watch }, target, run, signal);
  const found = await Promise.all(flowFacts(controls).map(async (key) => [key, await fact(key)] as const));
  const flows = Object.fromEntries(found);
  return controls.map((control) => ({ ...control, notWatched: whyNotWatched(control, flows) }));
}

/** Returns a question for facts. One that a failed read left unknown is asked once more, of reads made anew. */
function askTwice(
  deps: GatherDeps,
  target: Target,
  run: string,
  signal: AbortSignal,
): <K extends FactKey>(key: K) => Promise<Fact<FactValue<K>>> {
  const first = startGathering(deps, target, run, signal);
  const second = once(() => startGathering(deps, target, `${run}.again`, signal));
  return async (key) => {
    const tried = await first.fact(key);
    return isUnknown(tried) && !signal.aborted ? second().fact(key) : tried;
  };
}

/** Why nothing of a control was found to watch; null: something was. */
function whyNotWatched({ fact }: WatchedControl, flows: Controls['flows']): string | null {
  if (fact === 'reachability' || fact === 'objects') return null;
  const found = flows[fact];
  if (found?.status === 'observed') return found.value.some(isControl) ? null : nothingFound[fact];
  return found ? `${nothingFound[fact]}: ${found.reason}` : nothingFound[fact];
}

/** A read failed: that is no word on what there is. */
function isUnknown(fact: Fact<unknown>): boolean {
  return fact.status === 'unavailable' && fact.code !== 'not-applicable';
}

function flowFacts(controls: readonly WatchedControl[]): readonly ControlFlowFact[] {
  return controls.flatMap(({ fact }) => (fact === 'reachability' || fact === 'objects' ? [] : [fact]));
}

/** The namespace that a fix may open: the one that its input names, else the pod's. */
function namespaceOf({ namespace }: FixPlan['input'], target: Target): string {
  return typeof namespace === 'string' ? namespace : target.namespace;
}

function once<T>(make: () => T): () => T {
  let made: { readonly value: T } | null = null;
  return () => (made ??= { value: make() }).value;
}

/**
 * Only flows that a person approved to be watched: objects are compared beside them. What was not checked again is not
 * worse, and is told.
 */
export function compareControls(controls: readonly WatchedControl[], before: Controls, after: Controls): Comparison {
  const all = controls.map(({ fact }) => {
    if (fact === 'reachability') return compareWays(before.ways, after.ways, after.outcome.judgedPort === 'works');
    if (fact === 'objects') return { worse: [], told: [] };
    return compareFlows(fact, before.flows[fact], after.flows[fact]);
  });
  return { worse: all.flatMap(({ worse }) => worse), told: all.flatMap(({ told }) => told) };
}

/** What of the controls nothing was found for, in words. */
export function unwatchedFlows(controls: readonly Control[], before: Controls): readonly string[] {
  return controls.flatMap((control) => whyNotWatched(control, before.flows) ?? []);
}

/** Flows that are watched while a fix is applied, in words. */
export function watchedFlows({ flows }: Controls): readonly string[] {
  return Object.values(flows).flatMap((fact) =>
    fact.status === 'observed' ? fact.value.filter(isControl).map(describeFlow) : [],
  );
}

/** Where the judged port answers, further ways are not tried at all: nothing is missed there. */
function compareWays(before: Fact<Reachability>, after: Fact<Reachability>, works: boolean): Comparison {
  const worse: string[] = [];
  const told: string[] = [];
  for (const was of attemptsOf(before).filter(({ answer }) => answer === 'reply')) {
    const is = attemptsOf(after).find((attempt) => sameWay(was, attempt));
    const way = `${was.from} → ${was.to} (${describePort(was.port)})`;
    if (is && is.answer !== 'reply' && is.answer !== 'error') worse.push(`${way} got a reply before, now ${is.answer}`);
    else if (is ? is.answer === 'error' : !works) told.push(`${way} was not checked again`);
  }
  return { worse, told };
}

const nothingFound: Readonly<Record<ControlFlowFact, string>> = {
  'denied-flow': 'no policy-denied flow was found to watch',
  'other-flows': 'no working flow to another node was found to watch',
  'own-node-flows': 'no working flow to another pod of the node, or from it to the API server, was found to watch',
};

function compareFlows(
  fact: ControlFlowFact,
  before: Fact<readonly ControlFlow[]> | undefined,
  after: Fact<readonly ControlFlow[]> | undefined,
): Comparison {
  if (before?.status !== 'observed')
    return { worse: [], told: [`${nothingFound[fact]}: ${before?.reason ?? 'not checked'}`] };
  const known = before.value.filter(isControl);
  const told = before.value.filter((flow) => !isControl(flow)).flatMap(whyNoControl);
  if (known.length === 0) told.push(nothingFound[fact]);
  const worse: string[] = [];
  for (const was of known) {
    const is =
      after?.status === 'observed' ? after.value.find((flow) => describeFlow(flow) === describeFlow(was)) : undefined;
    if (!is || is.answer === 'error')
      told.push(
        `${describeFlow(was)} was not checked ` +
          `again${is ? `: ${is.detail}` : after?.status === 'unavailable' ? `: ${after.reason}` : ''}`,
      );
    else if (isWorse(was, is))
      worse.push(
        was.refusedBy === null
          ? `${describeFlow(was)} got a reply before, now ${is.answer}`
          : `${describeFlow(was)} was denied before, and is answered now`,
      );
    else told.push(`${describeFlow(was)} ${was.refusedBy === null ? 'still works' : 'stays denied'}`);
  }
  return { worse, told };
}

/** What shows harm: a flow that got through, or one that a policy refuses and that got nothing. */
function isControl({ refusedBy, answer }: ControlFlow): boolean {
  return refusedBy === null ? answer === 'reply' : answer !== 'reply' && answer !== 'error';
}

/**
 * A refusal where there was silence is the pod's own: it was let through. Where it was there before, a rule may have
 * sent it.
 */
function isWorse(was: ControlFlow, is: ControlFlow): boolean {
  if (was.refusedBy === null) return is.answer !== 'reply';
  return is.answer === 'reply' || (is.answer === 'refused' && was.answer === 'none');
}

/** A flow that did not get through before the fix either is not worth a word. */
function whyNoControl(flow: ControlFlow): readonly string[] {
  if (flow.answer === 'error') return [`${describeFlow(flow)} was not checked: ${flow.detail}`];
  return flow.refusedBy === null
    ? []
    : [`${describeFlow(flow)} was answered before the fix, although a policy denies it`];
}

function describeFlow({ source, destination, port, refusedBy }: ControlFlow): string {
  return (
    `${describeEnd(source)} → ${describeEnd(destination)} ` +
    `(${describePort(port)}${refusedBy === null ? '' : `, denied by policy ${refusedBy}`})`
  );
}

function sourceOf({ kind, namespace, name, address }: FlowEnd): FlowSource {
  if (kind === 'pod') return { kind, namespace: namespace ?? '', name };
  return kind === 'node' ? { kind, name } : { kind, address };
}

function valuesOf(flows: Controls['flows']): Partial<Record<ControlFlowFact, readonly ControlFlow[]>> {
  return Object.fromEntries(
    Object.entries(flows).map(([name, fact]) => [name, fact.status === 'observed' ? fact.value.filter(isControl) : []]),
  );
}

function attemptsOf(ways: Fact<Reachability>): readonly ReachAttempt[] {
  return ways.status === 'observed' ? ways.value.attempts : [];
}

function sameWay(a: ReachAttempt, b: ReachAttempt): boolean {
  return kindOf(a) === kindOf(b) && a.from === b.from && a.to === b.to && describePort(a.port) === describePort(b.port);
}

/** Which of the declared ports is the judged one may differ from look to look. */
function kindOf({ what }: ReachAttempt): ReachAttempt['what'] {
  return what === 'other-port' ? 'flow' : what;
}
