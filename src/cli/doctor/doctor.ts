import { checkCluster } from '../../compose-cluster-check.ts';
import { connectClusters } from '../../compose-cluster.ts';
import { checkSlackApp } from '../../compose-slack-check.ts';
import { inspectConfig, type Config } from '../../config.ts';
import { unusedFile } from '../../config-unused.ts';
import { noKubeconfig } from '../../model/no-kubeconfig.ts';
import { checkWords, failed, worst, type Check } from '../../setup/check.ts';
import { isFollowUp, isUnread, keysOf } from '../../setup/configuration.ts';
import { placed } from '../../setup/placed.ts';
import { exitCode, type Format, type Surroundings } from '../output.ts';
import { documentOf, line } from '../plain-output.ts';
import { checkConfiguration } from './check-configuration.ts';
import { checkHttp } from './check-http.ts';
import { checkStore } from './check-store.ts';

const exits = { ok: exitCode.done, limited: exitCode.limited, failed: exitCode.usage } as const;
const marks = { ok: 'ok  ', limited: 'warn', failed: 'FAIL' } as const;

/**
 * `calico-chatops doctor`: tries everything that the program will need, and says one line a cause.
 * @returns 0 when all is well, 1 when the program is usable with limits, 3 when it is not usable
 */
export async function doctorCommand(format: Format, { out, told, environment, signal }: Surroundings): Promise<number> {
  const { config, problems } = inspectConfig(environment, ['cluster']);
  const checks: Check[] = [];
  const tell = (unplaced: readonly Check[]) => {
    const found = unplaced.map((check) => placed(check, config.initFolder));
    checks.push(...found);
    if (format === 'text') told(found.map((check) => line`${marks[check.state]} ${checkWords(check)}\n`).join(''));
  };
  // Of a missing kubeconfig the check of the cluster speaks.
  const ownProblems = problems.filter((problem) => problem !== noKubeconfig);
  const unused = unusedFile(environment, process.cwd());
  tell(unused ? [failed('configuration', unused)] : checkConfiguration(ownProblems, environment));
  const wrongKeys = keysOf(ownProblems);
  // At once, and told in this order. Of a file that was not read, every other line would only say what it misses.
  const others =
    unused || isUnread(ownProblems)
      ? []
      : [checkStore(config), checkClusters(config), checkSlackApp(config), checkHttp(config)];
  for (const checking of others) {
    const found = await unlessEnded(checking, signal);
    // A person who ends it waits for nothing more.
    if (found === null) return exitCode.cancelled;
    tell(found.filter((check) => check.state === 'ok' || !isFollowUp(check, wrongKeys)));
  }
  const state = worst(checks);
  if (format === 'text') told(summary(checks));
  else out(documentOf({ schema: 'calico-chatops/doctor/v1', state, exit: exits[state], checks }, format));
  return exits[state];
}

/** Returns what was found; null: the program is told to end before. */
async function unlessEnded(checking: Promise<readonly Check[]>, signal: AbortSignal): Promise<readonly Check[] | null> {
  const ended = Promise.withResolvers<null>();
  const end = () => ended.resolve(null);
  signal.addEventListener('abort', end, { once: true });
  if (signal.aborted) end();
  try {
    return await Promise.race([ended.promise, checking]);
  } finally {
    signal.removeEventListener('abort', end);
  }
}

/** All at once. Of several clusters each line names its own. */
async function checkClusters({ clusters: configs, CLUSTERS: named }: Config): Promise<readonly Check[]> {
  const clusters = await connectClusters(configs);
  try {
    const found = await Promise.all(
      configs.map(async (config) => {
        const checks = await checkCluster(clusters, config);
        return named === undefined
          ? checks
          : checks.map((check) => ({ ...check, part: `${config.name}: ${check.part}` }));
      }),
    );
    const lost = found.filter((checks) => worst(checks) === 'failed').length;
    // The program is of use as long as one cluster can be diagnosed.
    return found.flat().map((check) => (lost < found.length && check.state === 'failed' ? limitedTo(check) : check));
  } finally {
    await clusters.close();
  }
}

const limitedTo = (check: Check): Check => ({ ...check, state: 'limited' });

function summary(checks: readonly Check[]): string {
  const count = (state: Check['state']) => checks.filter((check) => check.state === state).length;
  const [failures, limits] = [count('failed'), count('limited')];
  const limitWords = line`${limits} ${limits === 1 ? 'limit' : 'limits'}`;
  if (failures > 0) return line`\nNot usable: ${failures} to correct first${limits > 0 ? `, ${limitWords}` : ''}.\n`;
  return limits > 0 ? line`\nUsable, with ${limitWords}.\n` : '\nAll is well.\n';
}
