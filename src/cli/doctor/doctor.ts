import { checkSlackApp } from '../../compose-slack-check.ts';
import { inspectConfig } from '../../config.ts';
import { noKubeconfig } from '../../model/no-kubeconfig.ts';
import { checkWords, worst, type Check } from '../../setup/check.ts';
import { exitCode, type Format, type Surroundings } from '../output.ts';
import { documentOf, line } from '../plain-output.ts';
import { checkCluster } from './check-cluster.ts';
import { checkConfiguration } from './check-configuration.ts';
import { checkHttp } from './check-http.ts';
import { checkStore } from './check-store.ts';

const exits = { ok: exitCode.done, limited: exitCode.limited, failed: exitCode.usage } as const;
const marks = { ok: 'ok  ', limited: 'warn', failed: 'FAIL' } as const;

/**
 * `calico-chatops doctor`: tries everything that the program will need, and says one line a cause.
 * @returns 0 when all is well, 1 when the program is usable with limits, 3 when it is not usable
 */
export async function doctorCommand(format: Format, { out, told, environment }: Surroundings): Promise<number> {
  const { config, problems } = inspectConfig(environment, ['cluster']);
  const checks: Check[] = [];
  const tell = (found: readonly Check[]) => {
    checks.push(...found);
    if (format === 'text') told(found.map((check) => line`${marks[check.state]} ${checkWords(check)}\n`).join(''));
  };
  // Of a missing kubeconfig the check of the cluster speaks.
  const ownProblems = problems.filter((problem) => problem !== noKubeconfig);
  tell(checkConfiguration(ownProblems, environment));
  // At once, and told in this order.
  for (const found of [checkStore(config), checkCluster(config), checkSlackApp(config), checkHttp(config)])
    tell(await found);
  const state = worst(checks);
  if (format === 'text') told(summary(checks));
  else out(documentOf({ schema: 'calico-chatops/doctor/v1', state, exit: exits[state], checks }, format));
  return exits[state];
}

function summary(checks: readonly Check[]): string {
  const count = (state: Check['state']) => checks.filter((check) => check.state === state).length;
  const [failures, limits] = [count('failed'), count('limited')];
  if (failures > 0) return line`\nNot usable: ${failures} to correct first${limits > 0 ? `, ${limits} limits` : ''}.\n`;
  return limits > 0 ? line`\nUsable, with ${limits} ${limits === 1 ? 'limit' : 'limits'}.\n` : '\nAll is well.\n';
}
