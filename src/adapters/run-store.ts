import { Redis } from 'ioredis';
import { z } from 'zod';
import type { PlanRecord } from '../model/fix.ts';
import { redactJson } from '../model/redact.ts';
import { StoreUnreachable, type RunStore } from '../model/runs.ts';
import { readEvent, writeEvent } from '../model/stored-event.ts';
import { planRecord } from '../model/stored.ts';
import { answered, endConnection, mostAnswerMs, redisOptions } from './redis-connection.ts';
import {
  appendScript,
  forgetScript,
  keepFirstScript,
  takeTokenScript,
  toldScript,
  transitionScript,
  untoldScript,
} from './run-store-scripts.ts';

const keptSeconds = 30 * 86_400;

export interface RunStoreOptions {
  /** See redisOptions. */
  readonly address: string;
  readonly onError: (error: Error) => void;
  /** Prefix of every key; stores of different prefixes know nothing of each other. */
  readonly prefix?: string;
  /** Milliseconds that one answer of Redis may take. */
  readonly answerMs?: number;
}

/**
 * Runs and plans in Redis, kept for 30 days after their last change. What others may have
 * written there is read by its schema.
 */
export function createRunStore(options: RunStoreOptions): RunStore {
  const { address, onError, prefix = 'calico-chatops', answerMs = mostAnswerMs } = options;
  const redis = new Redis({ ...redisOptions(address), maxRetriesPerRequest: 3, connectTimeout: 3000 });
  redis.on('error', onError);
  const key = (...parts: readonly string[]) => [prefix, ...parts].join(':');
  const [plansKey, runsKey, untoldKey] = [key('plans'), key('runs'), key('untold')];
  /** Adds an id to a list by time, and forgets those that are no longer kept. */
  const listed = async (list: string, id: string) => {
    const now = Date.now();
    await redis
      .multi()
      .zadd(list, now, id)
      .zremrangebyscore(list, 0, now - keptSeconds * 1000)
      .exec();
  };
  /** What is no plan is as good as unknown: one that somebody planted must not stop the work on all others. */
  const readable = (id: string, fields: Record<string, string>): PlanRecord | null => {
    try {
      const record = recordOf(fields);
      if (record !== null && record.plan.id !== id) throw new Error(`it holds the plan ${record.plan.id}`);
      return record;
    } catch (error) {
      onError(new Error(`the plan ${id} in Redis cannot be read by this version`, { cause: error }));
      return null;
    }
  };
  const read = async (id: string) => readable(id, await redis.hgetall(key('plan', id)));

  const store: RunStore = {
    async append(run, event) {
      if (event.type === 'started') await listed(runsKey, run);
      const given = [writeEvent(event), String(keptSeconds), run];
      return Number(await redis.eval(appendScript, 2, key('run', run), untoldKey, ...given));
    },
    async untoldMark(run) {
      return redis.zscore(untoldKey, run);
    },
    async markTold(run, mark) {
      await redis.eval(toldScript, 1, untoldKey, run, mark);
    },
    async untold(olderThanMs, most) {
      const found = await redis.eval(untoldScript, 1, untoldKey, String(olderThanMs), String(most));
      return Object.entries(pairsOf(z.array(z.string()).parse(found))).map(([run, since]) => ({
        run,
        sinceMs: Number(since),
      }));
    },
    async events(run) {
      const stored = await redis.lrange(key('run', run), 0, -1);
      return stored.flatMap((text, at) => {
        const event = readEvent(text);
        if (event.read === 'malformed')
          onError(new Error(`event ${at + 1} of ${run} in Redis is ignored: ${event.why}`));
        return event.read === 'event' ? [event.event] : [];
      });
    },
    async savePlan(record) {
      const planKey = key('plan', record.plan.id);
      await redis
        .multi()
        .hset(planKey, fieldsOf(record))
        .expire(planKey, keptSeconds)
        .zadd(plansKey, Date.now(), record.plan.id)
        .zremrangebyscore(plansKey, 0, Date.now() - keptSeconds * 1000)
        .exec();
    },
    async plan(id) {
      return read(id);
    },
    async plans() {
      const ids = await redis.zrange(plansKey, '0', '-1');
      const records = await Promise.all(ids.map(read));
      return records.filter((record) => record !== null);
    },
    async runs(most) {
      return redis.zrevrange(runsKey, 0, most - 1);
    },
    async transition(id, from, change) {
      const fields = Object.entries(
        fieldsOf({ ...change, updatedAt: change.updatedAt ?? new Date().toISOString() }),
      ).flat();
      // As it is after this very change: others may have moved it on since.
      const after = await redis.eval(
        transitionScript,
        1,
        key('plan', id),
        String(from.length),
        ...from.map((state) => JSON.stringify(state)),
        ...fields,
      );
      return readable(id, pairsOf(z.array(z.string()).parse(after)));
    },
    async once(name, seconds) {
      return (await redis.set(key('once', name), '1', 'EX', seconds, 'NX')) === 'OK';
    },
    async takeToken(name, { holds, everyMs }) {
      return Number(await redis.eval(takeTokenScript, 1, key('tokens', name), String(holds), String(everyMs)));
    },
    async remember(name, value, seconds) {
      await redis.set(key('value', name), value, 'EX', seconds);
    },
    async recall(name) {
      return redis.get(key('value', name));
    },
    async forget(name, only) {
      const value = key('value', name);
      return (only === undefined ? await redis.del(value) : await redis.eval(forgetScript, 1, value, only)) === 1;
    },
    async keepFirst(name, value, seconds, gone = '') {
      return String(await redis.eval(keepFirstScript, 1, key('value', name), value, String(seconds), gone));
    },
    close: () => endConnection(redis),
  };
  return toldAsUnreachable(store, answerMs);
}

/** Whatever Redis or the way to it says, or does not say: to the rest of the program the store did not do its work. */
function toldAsUnreachable(store: RunStore, answerMs: number): RunStore {
  const told = Object.entries(store).map(([name, call]: [string, (...given: never[]) => Promise<unknown>]) => [
    name,
    (...given: never[]) =>
      answered(call(...given), answerMs).catch((error: unknown) => {
        if (error instanceof StoreUnreachable) throw error;
        throw new StoreUnreachable(error instanceof Error ? error.message : String(error), { cause: error });
      }),
  ]);
  return Object.fromEntries(told) as RunStore;
}

/**
 * Each field apart, so that a change of state writes only what changes. The plan stays as it is: its digest covers it,
 * and it holds names, labels and rights alone.
 */
function fieldsOf(record: Partial<PlanRecord>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(record).flatMap(([name, value]) =>
      value === undefined ? [] : [[name, JSON.stringify(name === 'reason' ? redactJson(value) : value)]],
    ),
  );
}

/** What Redis lists in turn. */
function pairsOf(list: readonly string[]): Record<string, string> {
  const names = list.filter((_, at) => at % 2 === 0);
  return Object.fromEntries(names.map((name, at) => [name, list[2 * at + 1] ?? '']));
}

/** @throws SyntaxError | ZodError for what is no plan */
function recordOf(fields: Record<string, string>): PlanRecord | null {
  if (!fields['plan']) return null;
  return planRecord.parse(Object.fromEntries(Object.entries(fields).map(([name, value]) => [name, JSON.parse(value)])));
}
