/** Several clusters under one configuration: what each has of its own, over what all share. */
import { delimiter, resolve } from 'node:path';
import { z } from 'zod';
import { settings, type Settings } from './config-settings.ts';
import { ProgramError } from './errors.ts';
import { laneSuffix } from './model/jobs.ts';
import { onlyCluster } from './model/known-clusters.ts';
import { nearest } from './model/nearest.ts';

/** The settings that a cluster may have of its own. */
export const clusterKeys = [
  'KUBECONFIG',
  'KUBE_CONTEXT',
  'NODES_VIA',
  'SSH_USER',
  'SSH_PORT',
  'SSH_KEY_FILE',
  'SSH_AGENT_SOCKET',
  'SSH_JUMP',
  'SSH_KNOWN_HOSTS_FILE',
  'CALICO_NAMESPACES',
  'APPROVERS',
  'NAMESPACE_APPROVERS',
  'TWO_APPROVERS_FROM',
  'ALERT_CHANNEL',
] as const satisfies readonly (keyof Settings)[];

export type ClusterSettings = Pick<Settings, (typeof clusterKeys)[number]>;

/** A cluster of the configuration. */
export interface ClusterConfig {
  readonly name: string;
  /** Ids of the channels whose commands are about this cluster. */
  readonly channels: readonly string[];
  readonly settings: ClusterSettings;
}

/** The channels of one cluster. Slack says the id with each command, and not the name. */
const channelsKey = 'CHANNELS';
const channels = z
  .preprocess(
    (value) => (typeof value === 'string' ? value.split(/[\s,]+/).filter((part) => part !== '') : value),
    z.array(z.string().regex(/^[CGD][A-Z0-9]{4,}$/, { error: 'must be the id of a channel (C…)' })),
  )
  .default([]);

/**
 * Returns the clusters of a configuration, each with all its settings.
 * @param shared what is set beside CLUSTERS, already valid
 * @param problems gains a line for each setting of a cluster that is unknown or wrong
 */
export function clustersOf(shared: Settings, problems: string[]): readonly ClusterConfig[] {
  if (shared.CLUSTERS === undefined) return [{ name: onlyCluster, channels: [], settings: shared }];
  const found = Object.entries(shared.CLUSTERS).map(([name, own]) => clusterOf(name, own, shared, problems));
  const all = found.flatMap(({ channels: ids }) => ids);
  const twice = new Set(all.filter((id, at) => all.indexOf(id) !== at));
  problems.push(...[...twice].map((id) => `CLUSTERS: the channel ${id} belongs to several clusters`));
  problems.push(...laneProblems(found.map(({ name }) => name)));
  return found;
}

/** Jobs of one cluster must not be in a queue of another. */
function laneProblems(names: readonly string[]): readonly string[] {
  return names.flatMap((name) =>
    Object.values(laneSuffix)
      .map((suffix) => `${name}${suffix}`)
      .filter((other) => names.includes(other))
      .map((other) => `CLUSTERS: ${other} is also the name of a queue of ${name}: give one of them another name`),
  );
}

function clusterOf(
  name: string,
  own: Readonly<Record<string, unknown>>,
  shared: Settings,
  problems: string[],
): ClusterConfig {
  const place = `CLUSTERS.${name}.`;
  const known: readonly string[] = [...clusterKeys, channelsKey];
  const read = (key: string, schema: z.ZodType): unknown => {
    const { data, error } = schema.safeParse(own[key]);
    problems.push(
      ...(error?.issues ?? []).map(({ path, message }) => `${[place + key, ...path].join('.')}: ${message}`),
    );
    return data;
  };
  for (const key of Object.keys(own).filter((one) => !known.includes(one))) {
    const meant = nearest(key.toUpperCase(), known);
    problems.push(`${place}${key}: unknown key${meant ? `, did you mean ${meant}?` : ''}`);
  }
  const given = clusterKeys.filter((key) => ![undefined, null, ''].includes(own[key] as null));
  const values = Object.fromEntries(
    given.flatMap((key) => {
      const value = read(key, settings.shape[key]);
      return value === undefined ? [] : [[key, value]];
    }),
  ) as Partial<ClusterSettings>;
  // A context is one of its kubeconfig: the name may mean another cluster in another file, or nothing.
  const { KUBE_CONTEXT: _ofAnotherFile, ...others } = shared;
  return {
    name,
    channels: (read(channelsKey, channels) ?? []) as readonly string[],
    settings: { ...(values.KUBECONFIG === undefined ? shared : others), ...values },
  };
}

/**
 * Returns the cluster that a command line names; null: the only one.
 * @throws ProgramError `unknown-cluster`
 */
export function namedCluster(
  { clusters }: { readonly clusters: readonly ClusterConfig[] },
  named: string | null,
): ClusterConfig {
  const names = clusters.map(({ name }) => name).join(', ');
  const found = named === null && clusters.length === 1 ? clusters[0] : clusters.find(({ name }) => name === named);
  if (found) return found;
  throw named === null
    ? new ProgramError('unknown-cluster', `there are several clusters: ${names}`, { next: 'Name one with --cluster.' })
    : new ProgramError('unknown-cluster', `there is no cluster ${named}: the configuration has ${names}`);
}

/**
 * Returns the cluster that a kubeconfig and a context stand for, under the name and with the settings that the
 * configuration has for it. null: it has several clusters, and this is none of them.
 * @param given as a command line names it, under a name of its own
 */
export function configuredAs(
  given: ClusterConfig,
  { CLUSTERS, clusters }: { readonly CLUSTERS?: unknown; readonly clusters: readonly ClusterConfig[] },
): ClusterConfig | null {
  if (CLUSTERS === undefined) return given;
  const wayOf = ({ settings: { KUBECONFIG: files = '', KUBE_CONTEXT: context } }: ClusterConfig) =>
    JSON.stringify([files.split(delimiter).map((file) => resolve(file)), context ?? null]);
  return clusters.find((one) => wayOf(one) === wayOf(given)) ?? null;
}
