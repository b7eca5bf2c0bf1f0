/**
 * Where runs and plans are kept: REDIS_URL, or the program's own redis-server over STATE_DIR. The key that vouches for
 * them is in a file.
 */
import { OpenKeyError, readApprovalKey } from './adapters/approval-key.ts';
import { createAuditHeads } from './adapters/audit-heads.ts';
import { createAuditLog } from './adapters/audit-log.ts';
import type { Log } from './adapters/log.ts';
import { tryFolder } from './adapters/make-folder.ts';
import { answered, mostAnswerMs } from './adapters/redis-connection.ts';
import { readRedisInfo } from './adapters/redis-info.ts';
import { startOwnRedis } from './adapters/redis-server.ts';
import { createRunStore } from './adapters/run-store.ts';
import { thrown } from './adapters/thrown.ts';
import type { Config } from './config.ts';
import { ProgramError } from './errors.ts';
import { auditLine, type AuditLog, type AuditRecord } from './model/audit.ts';
import type { RunStore } from './model/runs.ts';
import type { Seals } from './model/seal.ts';
import { checkWords, limited, type Check } from './setup/check.ts';
import { isOfFolder, ownRedisTrouble, redisSettingChecks, silentRedisTrouble, stateDirTrouble } from './setup/redis.ts';

export interface OpenStore {
  readonly store: RunStore;
  readonly audit: AuditLog;
  readonly seals: Seals;
  /** As REDIS_URL takes it. */
  readonly address: string;
  /** Says in the words of doctor that Redis does not answer. @param error what a use of the store threw */
  unreachable(error: unknown): ProgramError;
  /** Ends our own redis-server when nobody else uses it; after everything else that uses it is closed. */
  close(): Promise<void>;
}

/** Where what happens is told: a line of text, or a record that was added to the audit chain. */
export interface StoreLog {
  readonly line: (text: string) => void;
  readonly audit: (record: AuditRecord) => void;
}

/** @throws ProgramError `store-unreachable` without a Redis, `configuration` for a key that cannot be used */
export async function openStore(config: Config, log: StoreLog): Promise<OpenStore> {
  const seals = await readApprovalKey(config.APPROVAL_KEY_FILE ?? null, config.STATE_DIR).catch((error: unknown) => {
    throw keyTrouble(config, error);
  });
  const own = config.REDIS_URL
    ? null
    : await startOwnRedis(config.STATE_DIR, log.line).catch((error: unknown) => {
        const said = error instanceof Error ? error.message : String(error);
        const { text, next } = ownRedisTrouble(said, config.STATE_DIR);
        throw new ProgramError('store-unreachable', text, { cause: error, next: `${next}.` });
      });
  const address = own?.address ?? config.REDIS_URL ?? '';
  const told = new Set<string>();
  let connection = '';
  const onError = (error: Error) => {
    connection = error.message;
    if (!told.has(error.message)) log.line(`Redis: ${error.message}`);
    if (told.size < 1000) told.add(error.message);
  };
  const store = createRunStore({ address, onError });
  const audit = createAuditLog({
    address,
    seals,
    heads: createAuditHeads(config.STATE_DIR),
    onError,
    onRecord: log.audit,
  });
  return {
    store,
    audit,
    seals,
    address,
    unreachable(error) {
      // What the connection met says more than how often it was tried.
      const { text, next } = silentRedisTrouble(connection || thrown(error).message.replace(/\.? Refer to .*/s, ''));
      return new ProgramError('store-unreachable', text, { cause: error, next: `${next}.` });
    },
    async close() {
      await audit.close();
      await store.close();
      await own?.close();
    },
  };
}

function keyTrouble({ APPROVAL_KEY_FILE: file, STATE_DIR: stateDir }: Config, error: unknown): ProgramError {
  const said = thrown(error).message;
  if (file === undefined && isOfFolder(said)) {
    const { text, next } = stateDirTrouble(said, stateDir);
    return new ProgramError('configuration', text, { cause: error, next: `${next}.` });
  }
  const where = file === undefined ? 'the key of STATE_DIR' : 'APPROVAL_KEY_FILE';
  const next = error instanceof OpenKeyError ? { next: error.next } : {};
  return new ProgramError('configuration', `${where}: ${said}`, { cause: error, ...next });
}

/** As openStore, for who would wait in vain: Redis has to answer now. @param answerMs what this answer may take */
export async function openAnsweringStore(
  config: Config,
  log: StoreLog,
  answerMs: number = mostAnswerMs,
): Promise<OpenStore> {
  const opened = await openStore(config, log);
  try {
    await answered(opened.store.recall('answering'), answerMs);
    return opened;
  } catch (error) {
    await opened.close();
    throw opened.unreachable(error);
  }
}

/**
 * Logs an error where the chain is broken. Never rejects: the program goes on.
 * @param isEnding whether the program closes the connections meanwhile: then nothing is wrong with them
 */
export async function checkAudit(audit: AuditLog, log: Log, isEnding: () => boolean): Promise<void> {
  try {
    const report = await audit.verify();
    if (report.broken) log.error(`the audit chain is broken: ${auditLine(report)}. Run calico-chatops audit verify`);
  } catch (error) {
    if (!isEnding()) log.warn('the audit chain could not be checked', error);
  }
}

/**
 * Asks Redis for its settings. Never rejects: an account may be forbidden to ask, and the bot works without. Of a Redis
 * that does not answer, or does not let the bot in, nothing is said here: others do.
 */
export async function checkRedisSettings(address: string): Promise<readonly Check[]> {
  try {
    return redisSettingChecks(await readRedisInfo(address));
  } catch (error) {
    if (!(error instanceof Error) || !/^NOPERM|^ERR unknown command/i.test(error.message)) return [];
    return [
      limited('Redis settings', {
        text: `not checked: ${error.message}`,
        next: 'Let the account of REDIS_URL run INFO',
      }),
    ];
  }
}

/** Tries whether used approvals can be noted in STATE_DIR. Never rejects: what does not change the cluster works. */
export async function checkStateDir({ STATE_DIR: stateDir }: Config): Promise<readonly Check[]> {
  try {
    await tryFolder(stateDir);
    return [];
  } catch (error) {
    const { text, next } = stateDirTrouble(thrown(error).message, stateDir);
    return [limited('STATE_DIR', { text: `${text}. No fix is applied without it`, next })];
  }
}

/** Logs what doctor says of the settings of Redis, and of STATE_DIR. */
export async function tellStoreLimits(address: string, config: Config, log: Log): Promise<void> {
  for (const check of [...(await checkRedisSettings(address)), ...(await checkStateDir(config))])
    log.warn(checkWords(check));
}
