import { z } from 'zod';
import { ipRouteShow } from '../../commands/ip.ts';
import type { Command } from '../../model/command.ts';
import type { Applied, FixContext, Undone, Written } from '../../model/fix.ts';
import type { NodeInterface } from '../../model/fix-inputs.ts';
import { awaitRoute } from '../kit/await-route.ts';
import { linksNow, lostOutcome, run, said, undoing, whyNotDone } from '../kit/on-node.ts';
import { deviceCommands, tunnelCommands } from './devices.ts';
import type { DownDevice } from './look.ts';

export const writeCommands: readonly Command[] = [...deviceCommands, ipRouteShow];

const applied = z.object({ index: z.string() });

export async function write(context: FixContext, input: NodeInterface, { index }: DownDevice): Promise<Written> {
  const { interface: name } = input;
  const its = tunnelCommands(name);
  if (its === null) return { outcome: 'refused', why: `${name} is not a tunnel device of Calico` };
  const done = await run(context, input, its.up).catch(lostOutcome);
  const why = whyNotDone(done, `${name} may be up or not`);
  if (why !== null) return { outcome: 'failed', why };
  return { outcome: 'applied', applied: { index } };
}

export function settle(context: FixContext, input: NodeInterface): Promise<void> {
  return awaitRoute(context, input, ({ dev }) => dev === input.interface);
}

export async function undo(context: FixContext, input: NodeInterface, done: Applied): Promise<Undone> {
  const { index } = applied.parse(done);
  const { interface: name } = input;
  const its = tunnelCommands(name);
  if (its === null) return { ok: false, why: `${name} is not a tunnel device of Calico` };
  return undoing(`${name} may be up or down`, async () => {
    const now = (await linksNow(context, input)).find(({ ifname }) => ifname === name);
    if (String(now?.ifindex) !== index) return { ok: true, why: `the device ${name} was made anew, and is left alone` };
    const undone = await run(context, input, its.down);
    return undone.exit === 0
      ? { ok: true, why: `${name} is down again` }
      : { ok: false, why: `${undone.command}: ${said(undone)}` };
  });
}
