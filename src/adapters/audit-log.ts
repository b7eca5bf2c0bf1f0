import { Redis } from 'ioredis';
import {
  checkChain,
  sealCheckpoint,
  sealHead,
  sealRecord,
  type AuditChain,
  type AuditHeads,
  type AuditLog,
  type AuditRecord,
} from '../model/audit.ts';
import type { Seals } from '../model/seal.ts';
import { auditCheckpoint, auditRecord } from '../model/stored.ts';
import { chainScript, trimScript } from './audit-log-scripts.ts';
import { answered, endConnection, mostAnswerMs, redisOptions } from './redis-connection.ts';

export interface AuditLogOptions {
  /** See redisOptions. */
  readonly address: string;
  readonly seals: Seals;
  readonly heads: AuditHeads;
  readonly onError: (error: Error) => void;
  /** Called with every record that this process adds. */
  readonly onRecord: (record: AuditRecord) => void;
  readonly prefix?: string;
  /** Above so many records the oldest tenth is taken out of the list, behind a checkpoint. */
  readonly most?: number;
  /** Milliseconds that one answer of Redis may take. */
  readonly answerMs?: number;
}

/** What Redis says is the newest record. Whether that is true, a check of the chain tells. */
interface StoredEnd {
  readonly raw: string;
  readonly number: number;
  readonly last: string;
}

/**
 * The audit chain in Redis: `PREFIX:audit-chain` (records), `…-end` and `…-checkpoint`. It connects when it is used.
 */
export function createAuditLog({
  address,
  seals,
  heads,
  onError,
  onRecord,
  prefix = 'calico-chatops',
  most = 5000,
  answerMs = mostAnswerMs,
}: AuditLogOptions): AuditLog {
  const redis = new Redis({
    ...redisOptions(address),
    lazyConnect: true,
    maxRetriesPerRequest: 3,
    connectTimeout: 3000,
  });
  redis.on('error', onError);
  const told = <T>(asked: Promise<T>) => answered(asked, answerMs);
  const [listKey, endKey, checkpointKey] = ['audit-chain', 'audit-chain-end', 'audit-chain-checkpoint'].map(
    (name) => `${prefix}:${name}`,
  ) as [string, string, string];

  /** The record is stored: that this machine cannot note it must not stop a fix half-way. */
  const unkept = (error: Error): null => {
    onError(new Error('the newest audit record of this machine cannot be noted in STATE_DIR', { cause: error }));
    return null;
  };

  async function storedEnd(): Promise<StoredEnd> {
    const raw = (await told(redis.get(endKey))) ?? '';
    const [number = '', last = ''] = raw.split(' ');
    return { raw, number: /^[1-9]\d{0,10}$/.test(number) ? Number(number) : 0, last };
  }

  /**
   * What the next record follows. Where the store lacks what this machine wrote, the next one follows that all the
   * same: so what was taken out stays missing for every later check, and no new record covers it up.
   */
  async function behind(end: StoredEnd): Promise<{ readonly number: number; readonly last: string }> {
    const head = await heads.newest().catch(unkept);
    if (!head) return end;
    if (end.number < head.number) return head;
    const found = recordOf((await told(redis.lindex(listKey, head.number - end.number - 1))) ?? '');
    const trimmedTo = checkpointOf(await told(redis.get(checkpointKey)));
    const isThere =
      found?.seal === head.last ||
      (trimmedTo !== null && trimmedTo !== 'unreadable' && trimmedTo.number >= head.number);
    return isThere ? end : { number: end.number, last: head.last };
  }

  async function chain(): Promise<AuditChain> {
    const [list, checkpoint] = (await told(redis.multi().lrange(listKey, 0, -1).get(checkpointKey).exec())) ?? [];
    for (const error of [list?.[0], checkpoint?.[0]]) if (error) throw error;
    const texts = list?.[1] as readonly string[];
    return { records: texts.map(recordOf), checkpoint: checkpointOf(checkpoint?.[1] as string | null), head: null };
  }

  /** A chain that is broken is left as it is: what shows the break must not be taken out. */
  async function trim(): Promise<void> {
    const whole = await chain();
    if (checkChain({ ...whole, head: await heads.newest() }, seals).broken !== null) return;
    const removed = whole.records.slice(0, Math.ceil(most / 10));
    const last = removed.at(-1);
    const kept = whole.records[removed.length];
    const keptText = await told(redis.lindex(listKey, removed.length));
    if (!last || !kept || keptText === null || recordOf(keptText)?.seal !== kept.seal) return;
    const checkpoint = sealCheckpoint(seals, {
      version: 1,
      number: last.number,
      last: last.seal,
      at: new Date().toISOString(),
    });
    const given = [String(removed.length), keptText, JSON.stringify(checkpoint)];
    await told(redis.eval(trimScript, 2, listKey, checkpointKey, ...given));
  }

  return {
    async append(record) {
      for (;;) {
        const end = await storedEnd();
        const { number, last } = await behind(end);
        const link = sealRecord(seals, {
          version: 1,
          number: number + 1,
          at: new Date().toISOString(),
          record: plain(record),
          previous: last,
        });
        const given = [end.raw, JSON.stringify(link), `${link.number} ${link.seal}`];
        const length = Number(await told(redis.eval(chainScript, 2, listKey, endKey, ...given)));
        if (length === 0) continue;
        await heads.keep(sealHead(seals, { version: 1, number: link.number, last: link.seal })).catch(unkept);
        onRecord(link);
        // Not at every record: a broken chain stays long, and would be read each time.
        if (length > most && length % 10 === 0) await trim();
        return;
      }
    },
    async verify() {
      // The head first: a record that is added between the two reads is in the chain then.
      const head = await heads.newest();
      return checkChain({ ...(await chain()), head }, seals);
    },
    async otherKey() {
      const newest = recordOf((await told(redis.lindex(listKey, -1))) ?? '');
      const key = newest?.seal.split('.')[1] ?? seals.keyId;
      return key === seals.keyId ? null : key;
    },
    async trail() {
      return (await chain()).records.filter((link) => link !== null);
    },
    close: () => endConnection(redis),
  };
}

/** As JSON gives it back: what is sealed is what is stored. */
function plain(record: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return JSON.parse(JSON.stringify(record));
}

function recordOf(text: string): AuditRecord | null {
  return auditRecord.safeParse(jsonOf(text)).data ?? null;
}

function checkpointOf(text: string | null): AuditChain['checkpoint'] {
  return text === null ? null : (auditCheckpoint.safeParse(jsonOf(text)).data ?? 'unreadable');
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
