/**
 * One diagnosis: gathers what the rules need, judges as facts settle, tells each step as it settles, and returns the
 * verdict, which its caller tells. The same function runs under the CLI, under Slack and under replay; only the ports
 * differ.
 */
import type { AddressFamily } from '../model/addresses.ts';
import type { DatastoreKind } from '../model/datastore-kind.ts';
import type { FactKey } from '../model/facts.ts';
import type { Flow } from '../model/flow.ts';
import type { FlowOutcome } from '../model/flow-state.ts';
import type { Fact } from '../model/evidence.ts';
import { describeGoal, describeTarget } from '../model/asked-flow.ts';
import type { Pod } from '../model/kubernetes.ts';
import type { Rule } from '../model/rule.ts';
import type { RunEventBody } from '../model/runs.ts';
import { steps } from '../model/steps.ts';
import type { Target } from '../model/target.ts';
import type { SettledStep, Verdict } from '../model/verdict.ts';
import { startGathering, type GatherDeps, type Gathering } from './gather.ts';
import { evaluateRule, findingsOf, type Evaluation } from './evaluate.ts';
import { namesClient, toFinding } from './finding.ts';
import { notesOf } from './notes.ts';
import { pathOf } from './path.ts';
import { settleStep } from './settle-step.ts';
import { setupOf } from './setup.ts';
import { stopOf } from './stop.ts';
import { describePort, describeSource } from '../model/target-grammar.ts';
import { judge } from './verdict.ts';

export interface DiagnoseDeps extends GatherDeps {
  readonly rules: readonly Rule[];
}
export interface DiagnoseRequest {
  /** `r-` and a ULID. */
  readonly run: string;
  readonly target: Target;
}
export type Emit = (event: RunEventBody) => Promise<void>;

/**
 * A failed read never makes it reject; a failed `emit` does, because an event must be stored before the run goes on.
 * Events and verdict may quote secrets of the cluster: the caller redacts them before it stores or shows anything.
 */
export async function diagnose(
  deps: DiagnoseDeps,
  request: DiagnoseRequest,
  emit: Emit,
  signal: AbortSignal = new AbortController().signal,
): Promise<Verdict> {
  const started = deps.clock.now().getTime();
  const gathering = startGathering(deps, request.target, request.run, signal);
  // Essential facts are gathered at once, even if no rule asks for them.
  const missedEssentials = gathering.missedEssentials();
  const setup = setupOf(gathering);
  const home = datastoreHome(gathering);
  const family = familyOfRun(gathering);
  let firstFindingMs: number | null = null;

  const settled = await Promise.all(
    steps.map(async (step) => {
      const rules = deps.rules.filter((rule) => rule.step === step.id);
      const stepStarted = deps.clock.now();
      const evaluations = await Promise.all(
        rules.map(async (rule) => {
          const evaluation = await evaluateRule(rule, gathering);
          for (const finding of findingsOf(evaluation)) {
            firstFindingMs ??= deps.clock.now().getTime() - started;
            const found = { rule, finding };
            // Reading the datastore's kind takes time: only findings whose text needs it wait for it.
            const said = toFinding(found, namesClient(found) ? await home : undefined, await family);
            await emit({ type: 'finding', finding: said });
          }
          return evaluation;
        }),
      );
      const result = await settleStep(step.id, evaluations, gathering, stepStarted, deps.clock);
      await emit({ type: 'step-settled', step: result });
      return { result, evaluations };
    }),
  );

  const verdict = await conclude(deps, request, gathering, settled, await missedEssentials, started, firstFindingMs);
  return { ...verdict, setup: await setup };
}

async function conclude(
  deps: DiagnoseDeps,
  request: DiagnoseRequest,
  gathering: Gathering,
  settled: readonly { readonly result: SettledStep; readonly evaluations: readonly Evaluation[] }[],
  missedEssentials: readonly FactKey[],
  started: number,
  firstFindingMs: number | null,
): Promise<Omit<Verdict, 'setup'>> {
  const [pod, flow] = await Promise.all([gathering.fact('pod'), gathering.fact('flow'), gathering.fact('api-server')]);
  await rememberTarget(deps, gathering);
  const evaluations = settled.flatMap((step) => step.evaluations);
  const [outcome, passage, home, family] = await Promise.all([
    gathering.fact('flow-outcome'),
    gathering.fact('passage'),
    datastoreHome(gathering),
    familyOfRun(gathering),
  ]);
  const [way, ends] =
    passage.status === 'observed' && flow.status === 'observed' ? [passage.value, flow.value] : [null, null];
  const {
    flow: state,
    judgedPort,
    answeredPart,
  }: FlowOutcome = outcome.status === 'observed' ? outcome.value : { flow: 'unknown', judgedPort: 'unknown' };
  const { cluster } = request.target;
  const judgement = judge({
    evaluations,
    missed: gathering.missed(),
    missedEssentials,
    flow: state,
    judgedPort,
    fromMemory: gathering.usedMemory(),
    passage: way,
    datastoreKind: home,
    family,
  });
  return {
    schema: 'calico-chatops/verdict/v1',
    run: request.run,
    cluster,
    flow: state,
    answeredPart: answeredPart ?? null,
    target: {
      ...namesOf(request.target, pod),
      address: addressOf(request.target, pod, flow),
      node: pod.status === 'observed' ? (pod.value.spec.nodeName ?? null) : null,
      from: request.target.to ? null : sourceOf(request.target, flow),
      to: request.target.to ? describeGoal(request.target.to) : null,
      port:
        flow.status === 'observed'
          ? describePort(flow.value.port)
          : request.target.port && describePort(request.target.port),
    },
    ...judgement,
    steps: settled.map((step) => step.result),
    path: way && ends ? pathOf(way, ends) : [],
    stop: way && ends && judgedPort !== 'works' ? await stopOf(way, ends, gathering) : null,
    notes: await notesOf(gathering, evaluations, judgement.roots, cluster),
    timings: { totalMs: deps.clock.now().getTime() - started, firstFindingMs },
  };
}

/** Resolves to where Calico keeps its objects; unknown if the cluster could not be asked. */
async function datastoreHome(gathering: Gathering): Promise<DatastoreKind> {
  const fact = await gathering.fact('datastore-kind');
  return fact.status === 'observed' ? fact.value : { kind: null };
}

/** The judged address of the pod, which may have one of each family. */
function addressOf({ to }: Target, pod: Fact<Pod>, flow: Fact<Flow>): string | null {
  if (flow.status === 'observed') return (to ? flow.value.source : flow.value.destination).address;
  return pod.status === 'observed' ? (pod.value.status?.podIP ?? null) : null;
}

/** Resolves to the family of the judged packets; IPv4 if it is not known. */
async function familyOfRun(gathering: Gathering): Promise<AddressFamily> {
  const fact = await gathering.fact('family');
  return fact.status === 'observed' ? fact.value : 4;
}

/** Remembers the target's place only if the API server named it in this run. */
async function rememberTarget(deps: DiagnoseDeps, gathering: Gathering): Promise<void> {
  const [pod, nodes, pods, flow, api] = await Promise.all([
    gathering.fact('pod'),
    gathering.fact('nodes'),
    gathering.fact('pods'),
    gathering.fact('flow'),
    gathering.fact('api-server'),
  ]);
  if (pod.status !== 'observed' || nodes.status !== 'observed' || api.status !== 'observed') return;
  if (gathering.usedMemory()) return;
  const source = flow.status === 'observed' ? flow.value.source : null;
  const sources =
    pods.status === 'observed'
      ? pods.value.filter(({ metadata }) => metadata.namespace === source?.namespace && metadata.name === source?.name)
      : [];
  await deps.memory?.remember({ at: deps.clock.now().toISOString(), pod: pod.value, sources, nodes: nodes.value });
}

/** The judged pod; where none stands behind what was named, that. */
function namesOf(target: Target, pod: Fact<Pod>): Pick<Verdict['target'], 'pod' | 'asked'> {
  const asked = describeTarget(target);
  if (target.kind === undefined) return { pod: asked, asked: null };
  const judged = pod.status === 'observed' ? pod.value.metadata : null;
  return { pod: judged ? `${judged.namespace}/${judged.name}` : asked, asked };
}

function sourceOf(target: Target, flow: Fact<Flow>): string | null {
  if (target.from) return describeSource(target.from);
  if (flow.status !== 'observed') return null;
  const { kind, namespace, name, address } = flow.value.source;
  return kind === 'pod' ? `pod:${namespace}/${name}` : kind === 'node' ? `node:${name}` : `outside:${address}`;
}

/** Checks some causes again, for the verification of a fix: gathers only the facts that their rules need. */
export async function lookAgain(
  deps: DiagnoseDeps,
  request: DiagnoseRequest,
  ruleIds: readonly string[],
  signal: AbortSignal = new AbortController().signal,
): Promise<ReadonlyMap<string, Evaluation>> {
  const gathering = startGathering(deps, request.target, request.run, signal);
  const rules = deps.rules.filter((rule) => ruleIds.includes(rule.id));
  const evaluations = await Promise.all(rules.map((rule) => evaluateRule(rule, gathering)));
  return new Map(evaluations.map((evaluation) => [evaluation.rule.id, evaluation]));
}
