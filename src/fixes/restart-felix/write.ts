import { z } from 'zod';
import { felixPids } from '../../calico/felix-health.ts';
import { usualInterfacePrefix } from '../../calico/endpoint-names.ts';
import { httpStatusOf } from '../../calico/http-status.ts';
import { bashFindFelix, bashRestartFelix } from '../../commands/bash.ts';
import { curlFelixReadiness } from '../../commands/curl.ts';
import { ipRouteShow } from '../../commands/ip.ts';
import type { Command } from '../../model/command.ts';
import type { FixContext, Undone, Written } from '../../model/fix.ts';
import type { FelixOfPod } from '../../model/fix-inputs.ts';
import { LookError } from '../../model/look-error.ts';
import { lostOutcome, run, whyNotDone } from '../kit/on-node.ts';
import type { RunningFelix } from './look.ts';

export const writeCommands: readonly Command[] = [bashFindFelix, bashRestartFelix, curlFelixReadiness, ipRouteShow];

/** A Felix that starts is ready once it is in sync and has programmed: 45 looks, 2 s apart. */
const looks = { most: 45, apartMs: 2000 };
const waitSeconds = (looks.most * looks.apartMs) / 1000;

export async function write(context: FixContext, input: FelixOfPod, { processes }: RunningFelix): Promise<Written> {
  const before = await podRoutes(context, input);
  if (before === null)
    return { outcome: 'refused', why: `the routes of ${input.node} could not be counted before the restart` };
  const done = await run(context, input, bashRestartFelix).catch(lostOutcome);
  const why = whyNotDone(done, 'Felix may be restarted or not');
  if (why !== null) return { outcome: 'failed', why };
  if (!(done instanceof LookError) && done.stdout.trim() === '')
    return { outcome: 'refused', why: `no supervisor of Felix on ${input.node} took the order` };
  const restarted = await newFelix(context, input, new Set(processes.split(', ')));
  if (restarted === null)
    return {
      outcome: 'failed',
      why: `Felix of ${input.node} was told to restart, and is not ready after ${waitSeconds} s`,
    };
  const after = await podRoutes(context, input);
  if (after === null)
    return { outcome: 'failed', why: `Felix restarted, and the routes of ${input.node} could not be counted again` };
  const lost = before.filter((route) => !after.includes(route));
  if (lost.length > 0)
    return {
      outcome: 'failed',
      why:
        `Felix restarted, and ${input.node} lost its routes to ${lost.slice(0, 10).join(', ')}. ` +
        'Check whether these pods ended during the restart',
    };
  return { outcome: 'applied', applied: { process: restarted } };
}

export async function undo(): Promise<Undone> {
  return { ok: false, why: 'nobody can roll back a restart' };
}

/** The process of a Felix that was not there before, and is ready; null: none was in time. */
async function newFelix(context: FixContext, input: FelixOfPod, old: ReadonlySet<string>): Promise<string | null> {
  for (let look = 1; look <= looks.most; look += 1) {
    try {
      const pids = [...felixPids((await run(context, input, bashFindFelix)).stdout)];
      const [first] = pids;
      // Only then: a Felix that is ending still answers that it is ready.
      if (first !== undefined && !pids.some((pid) => old.has(pid)) && (await isReady(context, input))) return first;
    } catch (error) {
      if (!(error instanceof LookError)) throw error;
    }
    await context.clock.sleep(looks.apartMs);
  }
  return null;
}

async function isReady(context: FixContext, input: FelixOfPod): Promise<boolean> {
  const status = httpStatusOf((await run(context, input, curlFelixReadiness)).stdout);
  return status === 200 || status === 204;
}

const routes = z.array(z.object({ dst: z.string(), dev: z.string().optional() }));

/** Addresses of pods to which the node has a route by an interface of Calico's; null: they could not be read. */
async function podRoutes(context: FixContext, input: FelixOfPod): Promise<readonly string[] | null> {
  try {
    const { stdout } = await run(context, input, ipRouteShow);
    return routes
      .parse(JSON.parse(stdout))
      .flatMap(({ dst, dev }) => (dev?.startsWith(usualInterfacePrefix) ? [dst] : []));
  } catch (error) {
    if (error instanceof LookError || error instanceof z.ZodError || error instanceof SyntaxError) return null;
    throw error;
  }
}
