import { z } from 'zod';
import { ipLinkSetDownInPod, ipLinkSetPodDown, ipLinkSetPodUp, ipLinkSetUpInPod } from '../../commands/ip-link.ts';
import { ipRouteAddDefaultInPod, ipRouteAddGatewayInPod } from '../../commands/ip-route.ts';
import { ipRouteShow } from '../../commands/ip.ts';
import type { Command } from '../../model/command.ts';
import type { Applied, FixContext, Undone, Written } from '../../model/fix.ts';
import type { PodInterface } from '../../model/fix-inputs.ts';
import { linksNow, lostOutcome, run, said, undoing, whyNotDone } from '../kit/on-node.ts';
import { awaitRoute } from '../kit/await-route.ts';
import type { DownEnds } from './look.ts';

export const writeCommands: readonly Command[] = [
  ipLinkSetPodUp,
  ipLinkSetPodDown,
  ipLinkSetUpInPod,
  ipLinkSetDownInPod,
  ipRouteAddGatewayInPod,
  ipRouteAddDefaultInPod,
  ipRouteShow,
];

const applied = z.object({
  index: z.string(),
  netns: z.string(),
  onNode: z.enum(['up', 'as it was']),
  inPod: z.enum(['up', 'as it was']),
});

export async function write(context: FixContext, input: PodInterface, found: DownEnds): Promise<Written> {
  const { index, netns, onNode, inPod } = found;
  const { interface: name } = input;
  const commands: readonly Command[] = [
    ...(onNode ? [ipLinkSetPodUp] : []),
    ...(inPod ? [ipLinkSetUpInPod, ipRouteAddGatewayInPod, ipRouteAddDefaultInPod] : []),
  ];
  const begun = { index, netns, onNode: 'as it was', inPod: 'as it was' };
  for (const command of commands) {
    const params: Readonly<Record<string, string>> = command === ipLinkSetPodUp ? { interface: name } : { netns };
    // Also where nobody knows how it ended: taking down what is down changes nothing.
    if (command === ipLinkSetPodUp) begun.onNode = 'up';
    if (command === ipLinkSetUpInPod) begun.inPod = 'up';
    const done = await run(context, input, command, params).catch(lostOutcome);
    const why = whyNotDone(done, `${name} may be up or not`);
    if (why !== null) return { outcome: 'failed', why: `${why}. ${await takenDownAgain(context, input, begun)}` };
  }
  return { outcome: 'applied', applied: { index, netns, onNode: set(onNode), inPod: set(inPod) } };
}

export function settle(context: FixContext, input: PodInterface): Promise<void> {
  return awaitRoute(context, input, ({ dst, dev }) => dst === input.address && dev === input.interface);
}

/** A pod with a link and half of its routes is worse to find than one that is as it was. */
async function takenDownAgain(context: FixContext, input: PodInterface, begun: Applied): Promise<string> {
  const { ok, why } = await undo(context, input, begun);
  return ok ? `Rolled back: ${why}` : `Not rolled back: ${why}. Check it by hand`;
}

function set(isUp: boolean): string {
  return isUp ? 'up' : 'as it was';
}

export async function undo(context: FixContext, input: PodInterface, done: Applied): Promise<Undone> {
  const mine = applied.parse(done);
  const { interface: name } = input;
  return undoing(`${name} may be up or down`, async () => {
    const now = (await linksNow(context, input)).find(({ ifname }) => ifname === name);
    if (String(now?.ifindex) !== mine.index) return { ok: true, why: `the interface ${name} is gone` };
    const downs = [
      ...(mine.inPod === 'up' ? [run(context, input, ipLinkSetDownInPod, { netns: mine.netns })] : []),
      ...(mine.onNode === 'up' ? [run(context, input, ipLinkSetPodDown, { interface: name })] : []),
    ];
    const failed = (await Promise.all(downs)).find(({ exit }) => exit !== 0);
    return failed
      ? { ok: false, why: `${failed.command}: ${said(failed)}` }
      : { ok: true, why: `${name} is down again` };
  });
}
