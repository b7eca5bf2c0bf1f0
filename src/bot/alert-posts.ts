/** Alerts that other apps post in Slack: whose posts are read, how many, and what is said below one that is not. */
import { createHash } from 'node:crypto';
import type { RunStore } from '../model/runs.ts';
import type { Posted } from '../model/slack-delivery.ts';
import { quoted } from '../model/target-grammar.ts';
import type { MessageContent, Thread } from '../model/thread.ts';
import type { Received, RunSurface } from '../runs/surface.ts';
import { postNotTaken, toldElsewhere, tooManyAlerts, tooManyPosts } from './render/alert-message.ts';
import { runState } from './render/run-state.ts';

export interface PostReaderDeps {
  /** Ids of the channels that are read. */
  readonly channels: readonly string[];
  /** Ids of the bots and apps that are read there. */
  readonly apps: readonly string[];
  readonly runs: Pick<RunSurface, 'receivePost' | 'events'>;
  readonly store: Pick<RunStore, 'once' | 'takeToken'>;
  readonly thread: Pick<Thread, 'post'>;
  /** Addresses of the threads of runs. */
  readonly linksOf: (runs: readonly string[]) => Promise<ReadonlyMap<string, string>>;
  readonly tellUnmapped: (received: readonly Received[]) => Promise<void>;
  readonly warn: (what: string, error: unknown) => void;
}

const onceSeconds = 3600;
const saidSeconds = 86_400;
/** Posts of a channel that are read. A webhook of Slack posts one a second. */
const postsOf = { holds: 100, everyMs: 1000 } as const;
/** Replies of a channel that say it is too much. */
const refusalsOf = { holds: 5, everyMs: 12_000 } as const;
/** Replies of a channel that say where an alert is told. */
const pointersOf = { holds: 10, everyMs: 6000 } as const;
/** Apps that are not listed, told once each. */
const mostStrangers = 100;

/** Returns what takes a post of another app, delivered once or more often. It never rejects. */
export function createPostReader(deps: PostReaderDeps): (post: Posted) => Promise<void> {
  const { warn } = deps;
  const channels = new Set(deps.channels);
  const apps = new Set(deps.apps);
  const strangers = new Set<string>();
  /** States of one post are taken one after the other: an end that overtakes its firing would end nothing. */
  const working = new Map<string, Promise<void>>();
  return async (post) => {
    if (!channels.has(post.channel)) return;
    if (!post.apps.some((id) => apps.has(id))) {
      const [id = ''] = post.apps;
      if (strangers.has(id) || strangers.size >= mostStrangers) return;
      strangers.add(id);
      const who = `${quoted(post.name)} (${post.apps.join(', ')})`;
      return warn(`posts of ${who} in ${post.channel} are not read: ALERT_POST_APPS does not list it`, undefined);
    }
    const id = `${post.channel}.${post.ts}`;
    const before = working.get(id) ?? Promise.resolve();
    const mine = before.then(() => take(deps, id, post));
    working.set(id, mine);
    await mine;
    if (working.get(id) === mine) working.delete(id);
  };
}

/** Takes one state of a post. */
async function take(deps: PostReaderDeps, id: string, post: Posted): Promise<void> {
  const { store, warn } = deps;
  let isPart = false;
  try {
    if (!(await store.once(`posted.${id}${post.edit === null ? '' : `.${post.edit}`}`, onceSeconds))) return;
    const run = await quotedRun(deps, post);
    if (run !== null)
      return warn(`the post ${post.ts} in ${post.channel} was not read: it quotes the diagnosis ${run}`, undefined);
    if ((await store.takeToken(`posted.${post.channel}`, postsOf)) > 0) {
      warn(`the post ${post.ts} in ${post.channel} was not read: too many came at once`, undefined);
      if ((await store.takeToken(`posted-refused.${post.channel}`, refusalsOf)) === 0)
        await say(deps, post, tooManyPosts(postsOf.holds));
      return;
    }
    const { alerts, more, elsewhere } = await deps.runs.receivePost(post);
    isPart = alerts.some((one) => 'run' in one);
    // However often an app edits its post, what cannot be done about it is said once.
    const isNew = (what: string) => store.once(`posted-said.${id}.${what}`, saidSeconds);
    const told: Received[] = [];
    for (const one of alerts)
      if (!('unmapped' in one && one.unmapped) || (await isNew(digestOf(one.alert)))) told.push(one);
    await deps.tellUnmapped(told);
    if (more > 0) {
      if (await isNew('more')) await say(deps, post, tooManyAlerts(alerts.length, more));
    } else if (elsewhere.length > 0 && (await isNew('elsewhere'))) await pointElsewhere(deps, post, elsewhere);
  } catch (error) {
    // Slack delivers a post once: what was not taken is lost, unless somebody asks.
    warn(`the post ${post.ts} in ${post.channel} was not taken as an alert`, error);
    await say(deps, post, postNotTaken(error, isPart));
  }
}

const digestOf = (text: string) => createHash('sha256').update(text).digest('hex').slice(0, 24);

const mostQuoted = 3;

/**
 * Returns the diagnosis of this bot that a post quotes; null: none. An app that copies messages would answer the bot,
 * and the bot that app, without end.
 */
async function quotedRun({ runs }: PostReaderDeps, { parts }: Posted): Promise<string | null> {
  const text = parts.flatMap(({ lines }) => lines).join(' ');
  const ids = new Set(text.match(/(?<![\w-])r-[0-9A-HJKMNP-TV-Z]{26}(?!\w)/g) ?? []);
  for (const id of [...ids].slice(0, mostQuoted)) if ((await runs.events(id)).length > 0) return id;
  return null;
}

/** Says below a post that repeats an alert where to look. Most posts of a storm need no such line. */
async function pointElsewhere(
  deps: PostReaderDeps,
  post: Posted,
  [first]: readonly { readonly run: string; readonly at: string }[],
): Promise<void> {
  try {
    if (!first || (await deps.store.takeToken(`posted-again.${post.channel}`, pointersOf)) > 0) return;
    const state = runState(first.run, await deps.runs.events(first.run));
    const link = (await deps.linksOf([first.run])).get(first.run);
    await say(deps, post, toldElsewhere(state, first.at, link));
  } catch (error) {
    // It was taken: to say that it was not would send people to diagnose it again.
    deps.warn(`below the post ${post.ts} in ${post.channel} it could not be said where its alert is told`, error);
  }
}

/** Below the post. */
async function say({ thread, warn }: PostReaderDeps, { channel, ts }: Posted, content: MessageContent): Promise<void> {
  await thread
    .post({ channel, thread: ts, key: `below/${channel}/${ts}`, content })
    .catch((error: unknown) => warn(`nothing could be posted below ${ts} in ${channel}`, error));
}
