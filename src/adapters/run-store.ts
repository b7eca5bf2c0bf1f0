import { Redis } from 'ioredis';
import { createHash } from 'node:crypto';
import type { PlanRecord } from '../model/fix.ts';
import { redactJson } from '../model/redact.ts';
import type { AuditRecord, RunEvent, RunStore } from '../model/runs.ts';
import { redisOptions } from './redis-connection.ts';
import { appendScript, chainScript, transitionScript } from './run-store-scripts.ts';

const keptSeconds = 30 * 86_400;

export interface RunStoreOptions {
  /** See redisOptions. */
  readonly address: string;
  readonly onError: (error: Error) => void;
  /** Prefix of every key; stores of different prefixes know nothing of each other. */
  readonly prefix?: string;
}

/** Runs and plans in Redis, events and audit records without secrets. Runs and plans are kept for 30 days after their last change; the audit chain for ever. */
export function createRunStore({ address, onError, prefix = 'calico-chatops' }: RunStoreOptions): RunStore {
  const redis = new Redis({ ...redisOptions(address), maxRetriesPerRequest: 3, connectTimeout: 3000 });
  redis.on('error', onError);
  const key = (...parts: readonly string[]) => [prefix, ...parts].join(':');
  const plansKey = key('plans');
  const [auditKey, lastHashKey] = [key('audit'), key('audit', 'last')];

  return {
    async append(run, event) {
      return Number(await redis.eval(appendScript, 1, key('run', run), JSON.stringify(redactJson(event)), String(keptSeconds)));
    },
    async events(run) {
      return (await redis.lrange(key('run', run), 0, -1)).map(eventOf);
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
      return recordOf(await redis.hgetall(key('plan', id)));
    },
    async plans() {
      const ids = await redis.zrange(plansKey, '0', '-1');
      const records = await Promise.all(ids.map(async (id) => recordOf(await redis.hgetall(key('plan', id)))));
      return records.filter((record) => record !== null);
    },
    async transition(id, from, change) {
      const fields = Object.entries(fieldsOf({ ...change, updatedAt: change.updatedAt ?? new Date().toISOString() })).flat();
      const done = await redis.eval(transitionScript, 1, key('plan', id), String(from.length), ...from.map((state) => JSON.stringify(state)), ...fields);
      return done === 1 ? recordOf(await redis.hgetall(key('plan', id))) : null;
    },
    async once(name, seconds) {
      return (await redis.set(key('once', name), '1', 'EX', seconds, 'NX')) === 'OK';
    },
    async remember(name, value, seconds) {
      await redis.set(key('value', name), value, 'EX', seconds);
    },
    async recall(name) {
      return redis.get(key('value', name));
    },
    async forget(name) {
      await redis.del(key('value', name));
    },
    async audit(told) {
      const record = redactJson(told);
      for (;;) {
        const previous = (await redis.get(lastHashKey)) ?? '';
        const link = chained({ at: new Date().toISOString(), record, previous });
        const added = await redis.eval(chainScript, 2, auditKey, lastHashKey, previous, JSON.stringify(link), link.hash);
        if (added === 1) return;
      }
    },
    async auditTrail() {
      return (await redis.lrange(auditKey, 0, -1)).map(linkOf);
    },
    async close() {
      if (redis.status === 'ready') await redis.quit();
      else redis.disconnect();
    },
  };
}

/** The SHA-256 of a record and of the hash of the one before it. */
export function chained(link: Omit<AuditRecord, 'hash'>): AuditRecord {
  return { ...link, hash: createHash('sha256').update(JSON.stringify([link.previous, link.at, link.record])).digest('hex') };
}

/** Where the chain breaks: the index of the first record that is not what it was or not in its place; null: whole. */
export function brokenLink(trail: readonly AuditRecord[]): number | null {
  let previous = '';
  for (const [index, link] of trail.entries()) {
    if (link.previous !== previous || chained(link).hash !== link.hash) return index;
    previous = link.hash;
  }
  return null;
}

/**
 * Each field apart, so that a change of state writes only what changes. The plan stays as it is: its digest covers it,
 * and it holds names, labels and rights alone.
 */
function fieldsOf(record: Partial<PlanRecord>): Record<string, string> {
  return Object.fromEntries(Object.entries(record).flatMap(([name, value]) => (value === undefined ? [] : [[name, JSON.stringify(name === 'reason' ? redactJson(value) : value)]])));
}

function recordOf(fields: Record<string, string>): PlanRecord | null {
  const field = <F extends keyof PlanRecord>(name: F): PlanRecord[F] => JSON.parse(fields[name] ?? 'null');
  if (!fields['plan']) return null;
  return {
    plan: field('plan'),
    state: field('state'),
    requester: field('requester'),
    approver: field('approver'),
    reason: field('reason'),
    updatedAt: field('updatedAt'),
    applied: field('applied'),
  };
}

function eventOf(text: string): RunEvent {
  return JSON.parse(text);
}

function linkOf(text: string): AuditRecord {
  return JSON.parse(text);
}
