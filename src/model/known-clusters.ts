/** The clusters of one bot, and which of them a person or an alert means. It is never guessed. */
import { nearest } from './nearest.ts';
import { quoted, type Parsed } from './target-grammar.ts';

/** The name of the cluster where the configuration names none. */
export const onlyCluster = 'default';

/** What the bot knows of a cluster before it asks it anything. */
export interface KnownCluster {
  readonly name: string;
  /** Ids of the channels whose commands are about this cluster. */
  readonly channels: readonly string[];
  /** Where threads of its alerts begin; null: where those of all clusters do. */
  readonly alertChannel: string | null;
}

export type KnownClusters = readonly KnownCluster[];

/**
 * Returns the cluster that is meant: the named one, else the one of the channel, else the only one.
 * @param named as a person or an address names it; null: it does not
 * @param channel its id; null: there is none
 */
export function whichCluster(
  clusters: KnownClusters,
  { named, channel }: { readonly named: string | null; readonly channel: string | null },
): Parsed<KnownCluster> {
  const names = clusters.map(({ name }) => name);
  if (named !== null) {
    const found = clusters.find(({ name }) => name === named);
    if (found) return { ok: true, value: found };
    const meant = nearest(named, names);
    const hint = meant === null ? `: use ${names.join(', ')}` : `: did you mean ${quoted(meant)}?`;
    return { ok: false, problem: `${quoted(named)} is not a cluster of this bot${hint}` };
  }
  const [only, ...more] = clusters;
  const here = clusters.find(({ channels }) => channel !== null && channels.includes(channel));
  if (here) return { ok: true, value: here };
  if (only && more.length === 0) return { ok: true, value: only };
  return { ok: false, problem: `there are several clusters: ${names.join(', ')}` };
}
