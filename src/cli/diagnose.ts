import { ulid } from 'ulid';
import { createLog } from '../adapters/log.ts';
import { createCaseRecorder } from '../adapters/case-recorder.ts';
import { connectClusters } from '../compose-cluster.ts';
import { openAnsweringStore, type OpenStore } from '../compose-store.ts';
import { loadConfig } from '../config.ts';
import { describeError, ProgramError } from '../errors.ts';
import type { ClusterAccess } from '../model/cluster-access.ts';
import { diagnose, type Emit } from '../engine/diagnose.ts';
import { makePlans } from '../plans/make-plans.ts';
import { unknownOfTarget } from '../runs/preflight.ts';
import { retirePlans } from '../plans/retire-plans.ts';
import { createTargetMemory } from '../runs/target-memory.ts';
import type { PlanDeps } from '../plans/plan-record.ts';
import { tell, type TellDeps } from '../runs/tell.ts';
import { fixes } from '../fixes/registry.ts';
import type { TargetMemory } from '../model/ports.ts';
import type { RunEventBody } from '../model/runs.ts';
import type { Target } from '../model/target.ts';
import type { Verdict } from '../model/verdict.ts';
import { computed } from '../computed/registry.ts';
import { probes } from '../probes/registry.ts';
import { rules } from '../rules/registry.ts';
import { programVersion } from '../version.ts';
import { exitCode, type Surroundings } from './output.ts';
import { localPerson } from './person.ts';
import { stepLine, verdictText } from './verdict-text.ts';
import { jsonDocument, line } from './plain-output.ts';

export interface DiagnoseOptions extends Pick<Target, 'namespace' | 'pod' | 'cluster'> {
  readonly from?: Target['from'];
  readonly port?: Target['port'];
  readonly json: boolean;
  /** Folder to save the case in. */
  readonly case?: string;
}

/**
 * `calico-chatops diagnose`.
 * @returns 0 healthy, 1 fault, 2 inconclusive
 * @throws ProgramError for wrong configuration, an unknown cluster, namespace or pod
 */
export async function diagnoseCommand(options: DiagnoseOptions, { out, err, environment, signal }: Surroundings): Promise<number> {
  const config = loadConfig(environment, ['nodes']);
  const target: Target = { cluster: options.cluster, namespace: options.namespace, pod: options.pod, from: options.from ?? null, port: options.port ?? null };
  const warn = (what: string, error: unknown) => err(line`warning: ${what}: ${describeError(error).message}\n`);
  const clusters = await connectClusters(config);
  const opened: OpenStore[] = [];
  const notes: string[] = [];
  try {
    const access = await clusters.open(target.cluster);
    const [unknown, store] = await Promise.all([
      unknownOfTarget(access.cluster, target),
      openAnsweringStore(config, { line: (text) => void notes.push(text), audit: (record) => createLog().audit(record) }).catch((error: unknown) => warn('the run is not kept, and no fix can be offered', error)),
    ]);
    if (store) opened.push(store);
    if (unknown) throw new ProgramError(unknown.code, unknown.message);

    for (const note of notes) err(line`${note}\n`);
    const run = `r-${ulid()}`;
    const requester = localPerson(null);
    const deps = { store: store?.store ?? null, clock: access.clock, queues: null, warn };
    const keep = keeper(run, deps);
    const emit: Emit = async (event) => {
      await keep(event);
      if (!options.json && event.type === 'step-settled') out(stepLine(event.step));
    };
    await emit({ type: 'started', target, requester, origin: { kind: 'cli', channel: null, thread: null, joins: null } });

    const memory = store ? createTargetMemory({ store: store.store, warn }, target.cluster) : noMemory;
    const look = await looker(options.case ?? null, { run, target }, access, memory);
    const found = await diagnose({ probes, computed, rules, clock: access.clock, calicoNamespaces: access.calicoNamespaces, ...look.ports }, { run, target }, emit, signal);
    await look.finish();
    const verdict = store && !signal.aborted ? await planned({ ...deps, store: store.store, audit: store.audit, seals: store.seals }, access, found, target, requester) : found;
    out(options.json ? jsonDocument(verdict) : verdictText(verdict));
    return exitCode[verdict.verdict];
  } finally {
    await clusters.close();
    for (const store of opened) await store.close();
  }
}

/** The verdict with its plans; without them where they cannot be kept. */
async function planned(deps: PlanDeps, access: ClusterAccess, found: Verdict, target: Target, requester: string): Promise<Verdict> {
  try {
    // A plan of another key could not be approved, and its record would break the audit chain.
    const other = await deps.audit.otherKey();
    if (other !== null) throw new ProgramError('not-allowed', `plans are signed with the key ${other} here, and this command line has ${deps.seals.keyId}: set APPROVAL_KEY_FILE to the file that the bot uses`);
    const verdict = await makePlans({ ...deps, fixes, probes, computed }, access, found, { target, requester });
    await tell(deps, verdict.run, { type: 'verdict', verdict });
    await retirePlans(deps, target, verdict);
    return verdict;
  } catch (error) {
    deps.warn('no fix can be offered', error);
    return found;
  }
}

const noMemory: TargetMemory = { recall: () => Promise.resolve(null), remember: () => Promise.resolve() };

type KeepDeps = Omit<TellDeps, 'store'> & { readonly store: TellDeps['store'] | null };

/** Stores events; when the store cannot be reached the person who waits here still gets the verdict. */
function keeper(run: string, deps: KeepDeps): (event: RunEventBody) => Promise<void> {
  let broken = deps.store === null;
  return async (event) => {
    if (broken || !deps.store) return;
    try {
      await tell({ ...deps, store: deps.store }, run, event);
    } catch (error) {
      broken = true;
      deps.warn('the run is no longer kept', error);
    }
  };
}

interface Looker {
  readonly ports: Pick<ClusterAccess, 'cluster' | 'shells'> & { readonly memory: TargetMemory };
  readonly finish: () => Promise<void>;
}

async function looker(directory: string | null, { run, target }: { readonly run: string; readonly target: Target }, { cluster, shells, clock, calicoNamespaces }: ClusterAccess, memory: TargetMemory): Promise<Looker> {
  if (directory === null) return { ports: { cluster, shells, memory }, finish: () => Promise.resolve() };
  const recorder = await createCaseRecorder({ directory, cluster, shells, memory, header: { version: programVersion(), run, target, startedAt: clock.now().toISOString(), calicoNamespaces } });
  return { ports: { cluster: recorder.cluster, shells: recorder.shells, memory: recorder.memory }, finish: () => recorder.finish() };
}
