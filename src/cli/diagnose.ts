import { ulid } from 'ulid';
import { createLog } from '../adapters/log.ts';
import { createCaseRecorder } from '../adapters/case-recorder.ts';
import { createClock } from '../adapters/clock.ts';
import { settles } from '../adapters/settles.ts';
import { connectClusters } from '../compose-cluster.ts';
import { openAnsweringStore, type OpenStore } from '../compose-store.ts';
import { twoApproversFrom } from '../compose-known-clusters.ts';
import { units } from '../compose-units.ts';
import { configuredAs, namedCluster, type ClusterSettings } from '../config-clusters.ts';
import { inspectConfig, loadConfig, type Config } from '../config.ts';
import { describeError, ProgramError } from '../errors.ts';
import { createRunPlans } from '../plans/run-plans.ts';
import type { TwoApproversDeps } from '../plans/two-approvers.ts';
import { runDiagnosis, type RunDeps } from '../runs/run-diagnosis.ts';
import { teller } from '../runs/tell.ts';
import type { AskedFlow } from '../model/asked-flow.ts';
import { withHeadline } from '../model/headline.ts';
import type { RunPlans } from '../model/run-plans.ts';
import type { Target } from '../model/target.ts';
import { programVersion } from '../version.ts';
import { exitCode, type Format, type Surroundings } from './output.ts';
import { caseTrouble, checkCaseFolder } from './case-folder.ts';
import { createOwnStore, type OwnStore } from './own-store.ts';
import { localPerson } from './person.ts';
import { stepLine, verdictText } from './verdict-text.ts';
import { documentOf, line } from './plain-output.ts';
import { showProgress } from './progress.ts';
import { readKubeconfig } from './read-kubeconfig.ts';

export interface DiagnoseOptions {
  /** null: the only one. */
  readonly cluster: string | null;
  readonly asked: AskedFlow;
  readonly format: Format;
  readonly verbose: boolean;
  /** The environment as it is, without a kubeconfig or a context of the command line. */
  readonly configured: Surroundings['environment'];
  /** Folder to save the case in. */
  readonly case?: string;
}

/** How long Redis may be silent at first. A person waits, and loses only that the run is kept. */
const firstAnswerMs = 4000;

/** How long the ways to nodes, API server and Redis may take to close. */
const closeMs = 1300;

type Warn = (what: string, error: unknown) => void;

/**
 * `calico-chatops diagnose`. Told to end, it cancels its run.
 * @returns 0 healthy, 1 fault, 2 inconclusive, 130 cancelled
 * @throws ProgramError for wrong configuration, an unknown cluster, namespace, pod or node, and what made the run fail
 */
export async function diagnoseCommand(options: DiagnoseOptions, surroundings: Surroundings): Promise<number> {
  const { out, told, err, environment, signal } = surroundings;
  const config = loadConfig(environment, ['cluster']);
  if (options.case !== undefined) await checkCaseFolder(options.case);
  const named = namedCluster(config, options.cluster);
  const known =
    options.configured === environment ? named : configuredAs(named, inspectConfig(options.configured, []).config);
  const cluster = known ?? named;
  const target: Target = { cluster: cluster.name, ...options.asked };
  const warn: Warn = (what, error) => err(line`warning: ${what}: ${describeError(error).message}\n`);
  const clusters = await connectClusters([cluster]);
  const progress = showProgress(surroundings);
  // The diagnosis does not wait for it.
  const opening = openedStore(config, (text) => err(line`${text}\n`), warn);
  try {
    if (known === null) err(notPlanned);
    await readKubeconfig(clusters, cluster.name);
    const [run, requester] = [`r-${ulid()}`, localPerson(null)];
    const store = createOwnStore(
      opening.then((opened) => opened?.store ?? null),
      warn,
    );
    const clock = createClock();
    const deps: RunDeps = {
      store,
      clock,
      queues: null,
      warn,
      ...units,
      open: clusters.open,
      plans: known ? keptPlans({ opening, store, twoFrom: twoApproversFrom(config) }, warn) : noPlans,
      onEvent: (event) => {
        if (event.type !== 'step-settled') return;
        progress.settled(event.step.id);
        if (options.format === 'text') told(stepLine(event.step));
      },
      ...(options.case === undefined
        ? {}
        : { record: recorder(cluster.settings, options.case, { run, startedAt: clock.now().toISOString() }) }),
    };
    const origin = { kind: 'cli', channel: null, thread: null, joins: null } as const;
    const end = await runDiagnosis(deps, { run, target, requester, origin, alert: null }, { signal, by: requester });
    // The store has what happened, also of a run that was over before it was open.
    await store.isKept();
    progress.end();
    if (end.end === 'failed') throw new ProgramError(end.code, end.message);
    if (end.end !== 'verdict') {
      err(line`The run ${run} was cancelled${end.end === 'cancelled' ? ` by ${end.by}` : ''}.\n`);
      return exitCode.cancelled;
    }
    if (options.format === 'text') told(verdictText(end.verdict, options.verbose));
    else out(documentOf(withHeadline(end.verdict), options.format));
    return exitCode[end.verdict.verdict];
  } finally {
    progress.end();
    // A person waits: what does not say goodbye in time is left behind.
    const closing = Promise.all([clusters.close(), opening.then((opened) => opened?.close())]);
    await settles(closing, closeMs);
  }
}

const notPlanned =
  'No fix is offered: the configuration has several clusters, and none of them has this kubeconfig and this context. ' +
  'Name one with --cluster.\n';

async function openedStore(config: Config, say: (text: string) => void, warn: Warn): Promise<OpenStore | null> {
  try {
    return await openAnsweringStore(config, { line: say, audit: (record) => createLog().audit(record) }, firstAnswerMs);
  } catch (error) {
    warn('the run is not kept, and no fix can be offered', error);
    return null;
  }
}

const noPlans: RunPlans = { offer: () => Promise.resolve(), retire: () => Promise.resolve() };

/** Plans as a worker makes them; without them where they cannot be kept. */
function keptPlans(
  {
    opening,
    store,
    twoFrom,
  }: TwoApproversDeps & { readonly opening: Promise<OpenStore | null>; readonly store: OwnStore },
  warn: Warn,
): RunPlans {
  const telling = { store, clock: createClock(), queues: null, warn };
  const unlessLost = async (work: (plans: RunPlans) => Promise<void>) => {
    try {
      const opened = await opening;
      if (opened === null || !(await store.isKept())) return;
      const { audit, seals } = opened;
      // A plan of another key could not be approved, and its record would break the audit chain.
      const other = await audit.otherKey();
      if (other !== null)
        throw new ProgramError(
          'not-allowed',
          `plans are signed with the key ${other} here, and this command line has ${seals.keyId}: set ` +
            'APPROVAL_KEY_FILE to the file that the bot uses',
        );
      await work(createRunPlans({ ...telling, tell: teller(telling), audit, seals, twoFrom, ...units }));
    } catch (error) {
      warn('no fix can be offered', error);
    }
  };
  return {
    offer: (access, verdict, asked) => unlessLost((plans) => plans.offer(access, verdict, asked)),
    retire: (target, verdict) => unlessLost((plans) => plans.retire(target, verdict)),
  };
}

function recorder(
  { CALICO_NAMESPACES: calicoNamespaces }: ClusterSettings,
  directory: string,
  header: { readonly run: string; readonly startedAt: string },
): NonNullable<RunDeps['record']> {
  return async (ports, target) => {
    const recording = createCaseRecorder({
      directory,
      ...ports,
      header: { version: programVersion(), ...header, target, calicoNamespaces },
    });
    return recording.catch((error: unknown) => {
      throw caseTrouble(directory, error);
    });
  };
}
