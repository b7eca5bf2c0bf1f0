/** What Prometheus may know of the bot, in its text format 0.0.4. It names clusters, and nothing in them. */
import type { JobQueues } from '../model/jobs.ts';
import type { PlanSurface } from '../plans/surface.ts';
import type { RunSurface } from '../runs/surface.ts';
import { within } from './deadline.ts';
import { keptFor } from './kept.ts';

export interface MetricsDeps {
  readonly version: string;
  readonly runs: Pick<RunSurface, 'workers'>;
  readonly plans: Pick<PlanSurface, 'off'>;
  readonly queues: Pick<JobQueues, 'counts'>;
  /** Connections of Socket Mode that are up; null: HTTP. */
  readonly connections: () => number | null;
  readonly clock: { now(): Date };
}

type Labels = Readonly<Record<string, string>>;
interface Metric {
  readonly name: string;
  readonly help: string;
  readonly values: readonly (readonly [Labels, number])[];
}

/** A scrape asks Redis no more often. */
const keptMs = 5000;
/** Within which Redis answers, or is told as down. */
const answerMs = 1000;

/** @returns a function that never rejects: what Redis does not answer is left out, and `redis_up` says so. */
export function createMetrics({
  version,
  runs,
  plans,
  queues,
  connections,
  clock,
}: MetricsDeps): () => Promise<string> {
  const ask = async (): Promise<readonly Metric[]> => {
    try {
      const [workers, off, counts] = await within(
        answerMs,
        Promise.all([runs.workers(), plans.off(), queues.counts()]),
      );
      return [
        { name: 'redis_up', help: '1 while Redis answers', values: [[{}, 1]] },
        {
          name: 'worker_up',
          help: '1 while a worker says that it works for the cluster',
          values: [...workers].map(([cluster, health]) => [{ cluster }, health === null ? 0 : 1]),
        },
        {
          name: 'worker_limits',
          help: 'Limits of the worker in the cluster, which /calico status names',
          values: [...workers].flatMap(([cluster, health]) =>
            health === null ? [] : [[{ cluster }, health.blind.length] as const],
          ),
        },
        {
          name: 'jobs',
          help: 'Jobs by queue and state',
          values: Object.entries(counts).flatMap(([queue, states]) =>
            Object.entries(states).map(([state, jobs]) => [{ queue, state }, jobs] as const),
          ),
        },
        { name: 'fixes_off', help: '1 while fixes are turned off', values: [[{}, off === null ? 0 : 1]] },
      ];
    } catch {
      return [{ name: 'redis_up', help: '1 while Redis answers', values: [[{}, 0]] }];
    }
  };
  const stored = keptFor(keptMs, clock, ask);
  return async () => {
    const up = connections();
    return [
      { name: 'info', help: 'The version that runs', values: [[{ version }, 1] as const] },
      ...(up === null
        ? []
        : [{ name: 'slack_connections', help: 'Connections to Slack that are up', values: [[{}, up] as const] }]),
      ...(await stored()),
    ]
      .map(textOf)
      .join('');
  };
}

function textOf({ name, help, values }: Metric): string {
  const full = `calico_chatops_${name}`;
  const lines = values.map(([labels, value]) => `${full}${labelsOf(labels)} ${value}\n`);
  return `# HELP ${full} ${help}\n# TYPE ${full} gauge\n${lines.join('')}`;
}

function labelsOf(labels: Labels): string {
  const pairs = Object.entries(labels).map(([name, value]) => `${name}="${escaped(value)}"`);
  return pairs.length === 0 ? '' : `{${pairs.join(',')}}`;
}

function escaped(value: string): string {
  return value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');
}
