/** What fixes that act on one node share: its commands, its links, and words for how a command ended. */
import { z } from 'zod';
import { ipAddrShow } from '../../commands/ip.ts';
import type { Command, Transcript } from '../../model/command.ts';
import type { FixContext, Undone } from '../../model/fix.ts';
import type { OneNode } from '../../model/fix-inputs.ts';
import { LookError } from '../../model/look-error.ts';

/** Runs a command on the fix's node. */
export function run(
  { shells }: FixContext,
  { node, nodeAddress }: OneNode,
  command: Command,
  params: Readonly<Record<string, string>> = {},
): Promise<Transcript> {
  return shells.shell({ name: node, address: nodeAddress }).start({ command, moment: 'first', params }).result;
}

/** Returns the start of what a command printed. */
export function said({ stderr, stdout }: Transcript): string {
  return `${stderr}${stdout}`.trim().slice(0, 300);
}

/** For `catch`: the outcome of the command is unknown. @throws what is not a LookError: a bug. */
export function lostOutcome(error: unknown): LookError {
  if (error instanceof LookError) return error;
  throw error;
}

/**
 * Says how a command that writes did not succeed; null: it did.
 * @param maybe what may be so or not where the outcome is unknown, as `eth1 may be up or not`
 */
export function whyNotDone(done: Transcript | LookError, maybe: string): string | null {
  if (done instanceof LookError) return `${maybe}: ${done.message}. Check it by hand`;
  if (done.exit === null) return `${maybe}: ${done.command} did not end in time. Check it by hand`;
  return done.exit === 0 ? null : `${done.command}: ${said(done)}`;
}

/**
 * Rolls back by commands on nodes. Where one of them got no answer, the outcome says what may be so or not.
 * @param maybe as `eth1 may be up or down`
 * @throws what is not a LookError: a bug
 */
export async function undoing(maybe: string, undo: () => Promise<Undone>): Promise<Undone> {
  const undone = await undo().catch(lostOutcome);
  return undone instanceof LookError ? { ok: false, why: `${maybe}: ${undone.message}` } : undone;
}

const link = z.object({
  ifname: z.string(),
  ifindex: z.number(),
  flags: z.array(z.string()).default([]),
  link_index: z.number().nullish(),
  link_netnsid: z.number().nullish(),
  addr_info: z.array(z.object({ family: z.string().optional(), local: z.string().optional() })).default([]),
});
/** A link as `ip -j -d addr show` prints it. */
export type NodeLink = z.infer<typeof link>;
/** Of old versions of `ip`, an empty object stands where a link is that is not shown. */
const links = z.array(z.union([link, z.object({}).transform(() => null)]));

/** Returns the links of the fix's node. @throws LookError where `ip` printed something else */
export async function linksNow(context: FixContext, input: OneNode): Promise<readonly NodeLink[]> {
  const printed = await run(context, input, ipAddrShow);
  return linksIn(printed.stdout, printed.command);
}

/** @throws LookError where the text is no such list */
export function linksIn(text: string, command: string): readonly NodeLink[] {
  try {
    return links.parse(JSON.parse(text)).flatMap((one) => one ?? []);
  } catch (error) {
    throw new LookError('not-parsed', `${command} printed no list of interfaces`, { cause: error });
  }
}

/** Whether somebody took the link down: one that only lacks its carrier is up. */
export function isTakenDown({ flags }: NodeLink): boolean {
  return !flags.includes('UP');
}

/** Returns the IPv4 addresses of a link. */
export function addressesOf({ addr_info: infos }: NodeLink): readonly string[] {
  return infos.flatMap(({ family, local }) => (family === 'inet' && local !== undefined ? [local] : []));
}
