import type { Fact } from '../model/evidence.ts';
import type { ControlFlow, ControlFlowFact, FlowEnd, Reachability, ReachAttempt } from '../model/facts.ts';
import type { FlowOutcome } from '../model/flow-state.ts';
import type { Control, FixPlan } from '../model/fix.ts';
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
  /** What was watched, what there was not to watch, and what could not be tried again. */
  readonly told: readonly string[];
}

/** @param before what the look before the fix tried: the same is tried again, from the same source; null in that look itself. */
export async function tryControls(deps: GatherDeps, { run, target }: DiagnoseRequest, { controls, input }: Pick<FixPlan, 'controls' | 'input'>, before: Controls | null, signal: AbortSignal): Promise<Controls> {
  const asked: Target = before?.source ? { ...target, from: before.source } : target;
  const watch = { namespace: input['namespace'] ?? target.namespace, again: before && valuesOf(before.flows) };
  const gathering = startGathering({ ...deps, watch }, asked, run, signal);
  const facts = controls.map(({ fact }) => fact).filter((fact) => fact !== 'reachability');
  const [ways, flow, outcome, ...flows] = await Promise.all([gathering.fact('reachability'), gathering.fact('flow'), gathering.fact('flow-outcome'), ...facts.map(async (fact) => [fact, await gathering.fact(fact)] as const)]);
  return { source: flow.status === 'observed' ? sourceOf(flow.value.source) : null, ways, outcome: outcome.status === 'observed' ? outcome.value : { flow: 'unknown', judgedPort: 'unknown' }, flows: Object.fromEntries(flows) };
}

/** Only what a person approved to be watched. What could not be tried again is not worse, and is told. */
export function compareControls(controls: readonly Control[], before: Controls, after: Controls): Comparison {
  const all = controls.map(({ fact }) => {
    if (fact === 'reachability') return compareWays(before.ways, after.ways, after.outcome.judgedPort === 'works');
    return compareFlows(fact, before.flows[fact], after.flows[fact]);
  });
  return { worse: all.flatMap(({ worse }) => worse), told: all.flatMap(({ told }) => told) };
}

/** Flows that are watched while a fix is applied, in words. */
export function watchedFlows({ flows }: Controls): readonly string[] {
  return Object.values(flows).flatMap((fact) => (fact.status === 'observed' ? fact.value.filter(isControl).map(describeFlow) : []));
}

/** Where the judged port answers, further ways are not tried at all: nothing is missed there. */
function compareWays(before: Fact<Reachability>, after: Fact<Reachability>, works: boolean): Comparison {
  const worse: string[] = [];
  const told: string[] = [];
  for (const was of attemptsOf(before).filter(({ answer }) => answer === 'reply')) {
    const is = attemptsOf(after).find((attempt) => sameWay(was, attempt));
    const way = `${was.from} → ${was.to} (${describePort(was.port)})`;
    if (is && is.answer !== 'reply' && is.answer !== 'error') worse.push(`${way} got a reply before, now ${is.answer}`);
    else if (is ? is.answer === 'error' : !works) told.push(`${way} could not be tried again`);
  }
  return { worse, told };
}

const nothingFound: Readonly<Record<ControlFlowFact, string>> = {
  'denied-flow': 'no policy-denied flow was found to watch',
  'other-flows': 'no flow to another node that gets through was found to watch',
};

function compareFlows(fact: ControlFlowFact, before: Fact<readonly ControlFlow[]> | undefined, after: Fact<readonly ControlFlow[]> | undefined): Comparison {
  if (before?.status !== 'observed') return { worse: [], told: [`${nothingFound[fact]}: ${before?.reason ?? 'it was not looked for'}`] };
  const known = before.value.filter(isControl);
  const told = before.value.filter((flow) => !isControl(flow)).flatMap(whyNoControl);
  if (known.length === 0) told.push(nothingFound[fact]);
  const worse: string[] = [];
  for (const was of known) {
    const is = after?.status === 'observed' ? after.value.find((flow) => describeFlow(flow) === describeFlow(was)) : undefined;
    if (!is || is.answer === 'error') told.push(`${describeFlow(was)} could not be tried again${is ? `: ${is.detail}` : after?.status === 'unavailable' ? `: ${after.reason}` : ''}`);
    else if (isWorse(was, is)) worse.push(was.refusedBy === null ? `${describeFlow(was)} got a reply before, now ${is.answer}` : `${describeFlow(was)} was refused before, and is answered now`);
    else told.push(`${describeFlow(was)} ${was.refusedBy === null ? 'still gets through' : 'stays denied'}`);
  }
  return { worse, told };
}

/** What shows harm: a flow that got through, or one that a policy refuses and that got nothing. */
function isControl({ refusedBy, answer }: ControlFlow): boolean {
  return refusedBy === null ? answer === 'reply' : answer !== 'reply' && answer !== 'error';
}

/** A refusal in place of silence is the pod's own: it was let through. Where it was there before, a rule may have sent it. */
function isWorse(was: ControlFlow, is: ControlFlow): boolean {
  if (was.refusedBy === null) return is.answer !== 'reply';
  return is.answer === 'reply' || (is.answer === 'refused' && was.answer === 'none');
}

/** A flow that did not get through before the fix either is not worth a word. */
function whyNoControl(flow: ControlFlow): readonly string[] {
  if (flow.answer === 'error') return [`${describeFlow(flow)} could not be tried: ${flow.detail}`];
  return flow.refusedBy === null ? [] : [`${describeFlow(flow)} was answered before the fix, against what the rules say`];
}

function describeFlow({ source, destination, port, refusedBy }: ControlFlow): string {
  return `${nameOf(source)} → ${nameOf(destination)} (${describePort(port)}${refusedBy === null ? '' : `, refused by policy ${refusedBy}`})`;
}

function nameOf({ kind, namespace, name }: FlowEnd): string {
  return kind === 'pod' ? `${namespace}/${name}` : `node ${name}`;
}

function sourceOf({ kind, namespace, name, address }: FlowEnd): FlowSource {
  if (kind === 'pod') return { kind, namespace: namespace ?? '', name };
  return kind === 'node' ? { kind, name } : { kind, address };
}

function valuesOf(flows: Controls['flows']): Partial<Record<ControlFlowFact, readonly ControlFlow[]>> {
  return Object.fromEntries(Object.entries(flows).map(([name, fact]) => [name, fact.status === 'observed' ? fact.value.filter(isControl) : []]));
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
