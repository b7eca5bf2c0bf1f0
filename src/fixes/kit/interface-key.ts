/** One sysctl key of one interface, turned on: what fixes of this kind share. Nothing else on the node changes. */
import { z } from 'zod';
import { grepInterfaceSettings } from '../../commands/grep.ts';
import { ipAddrShow } from '../../commands/ip.ts';
import type { Command } from '../../model/command.ts';
import type {
  Applied,
  Condition,
  Fix,
  FixContext,
  FixDraft,
  PodScope,
  Readiness,
  Undone,
  Written,
} from '../../model/fix.ts';
import type { InterfaceKey } from '../../model/fix-inputs.ts';
import { LookError } from '../../model/look-error.ts';
import { savedIn } from '../../model/saved-settings.ts';
import { refuse } from './conditions.ts';
import { diffOfLine } from './diff.ts';
import { linksNow, lostOutcome, run, said, undoing, whyNotDone } from './on-node.ts';
import { shellCommand } from '../../model/shell-words.ts';

/** A key, and what its fix says of it. */
export interface KeyToTurnOn<Input extends InterfaceKey> {
  /** As the kernel calls it under net.ipv4.conf.INTERFACE. */
  readonly key: 'forwarding' | 'proxy_arp';
  readonly on: Command;
  readonly off: Command;
  /** What the kernel does with it, for who approves. */
  readonly title: (input: Input) => string;
  readonly reason: string;
  readonly blastRadius: (input: Input) => string;
  readonly scope: (input: Input) => PodScope;
  /** Further commands, and conditions that these read. @throws LookError where they could not be read */
  readonly reads?: readonly Command[];
  readonly further?: (context: FixContext, input: Input) => Promise<readonly Condition[] | ReturnType<typeof refuse>>;
}

/** What the kernel says of the interface now. */
interface KeysNow {
  /** The number of the interface: another one of its name has another. */
  readonly index: string;
  /** net.ipv4.ip_forward. */
  readonly nodeForwards: string;
  readonly forwarding: string;
  readonly proxy_arp: string;
  /** The sysctl file that will turn the key off again; empty: none does. */
  readonly savedIn: string;
}

/** The kernel acts on a key at once; a neighbour that was given up is asked for again within seconds. */
const withinSeconds = 30;

const applied = z.object({ interface: z.string(), index: z.string() });

/** The parts that every fix of this kind has. */
export function turnsOn<Input extends InterfaceKey>(
  its: KeyToTurnOn<Input>,
): Pick<Fix<Input, KeysNow>, 'commands' | 'look' | 'draft' | 'write' | 'undo'> {
  return {
    commands: [grepInterfaceSettings, ipAddrShow, ...(its.reads ?? []), its.on, its.off],
    look: (context, input) => lookFor(its, context, input),
    draft: (input, found) => draftOf(its, input, found),
    write: (context, input, found) => writeKey(its, context, input, found),
    undo: (context, input, done) => undoKey(its, context, input, done),
  };
}

async function lookFor<Input extends InterfaceKey>(
  its: KeyToTurnOn<Input>,
  context: FixContext,
  input: Input,
): Promise<Readiness<KeysNow>> {
  const { key } = its;
  const { interface: name, node } = input;
  const now = await keysNow(its, context, input);
  if (now === null) return refuse(`${node} has no interface ${name} any more`, shellCommand`ip link show dev ${name}`);
  if (now[key] !== '0') return { ready: 'done', why: `net.ipv4.conf.${name}.${key} of ${node} is ${now[key]} already` };
  if (now.nodeForwards !== '1')
    return refuse(
      `net.ipv4.ip_forward of ${node} is ${now.nodeForwards}: forwarding is off for the whole node`,
      'sysctl net.ipv4.ip_forward   # find out who turned it off; turning it on opens every interface',
    );
  const further = (await its.further?.(context, input)) ?? [];
  if ('ready' in further) return further;
  const conditions: readonly Condition[] = [
    { id: 'interface', description: `interface ${name} is the same as when planned`, value: now.index },
    { id: 'node-forwards', description: `net.ipv4.ip_forward of ${node}`, value: now.nodeForwards },
    { id: 'key', description: `net.ipv4.conf.${name}.${key} of ${node}`, value: now[key] },
    ...further,
  ];
  return { ready: 'yes', conditions, found: now };
}

function draftOf<Input extends InterfaceKey>(
  its: KeyToTurnOn<Input>,
  input: Input,
  { savedIn: file }: KeysNow,
): FixDraft {
  const { key } = its;
  const { node, nodeAddress, interface: name } = input;
  const full = `net.ipv4.conf.${name}.${key}`;
  const lasts =
    file === ''
      ? 'It lasts until the interface goes or the node restarts.'
      : `It lasts until the node restarts or somebody runs sysctl --system: ${file} turns it off again.`;
  return {
    title: its.title(input),
    reason: `${its.reason} ${lasts}`,
    steps: [{ description: `Set ${full}`, command: shellCommand`sysctl -w net/ipv4/conf/${name}/${key}=1`, node }],
    diff: diffOfLine(`${node} ${full}`, '0', '1'),
    blastRadius: its.blastRadius(input),
    scope: its.scope(input),
    risk: 'low',
    rollback: { kind: 'exact', description: `Set ${full} back to 0, if this interface is still there.` },
    withinSeconds,
    nodes: [{ name: node, address: nodeAddress }],
  };
}

async function writeKey<Input extends InterfaceKey>(
  its: KeyToTurnOn<Input>,
  context: FixContext,
  input: Input,
  { index }: KeysNow,
): Promise<Written> {
  const { interface: name } = input;
  const done = await run(context, input, its.on, { interface: name }).catch(lostOutcome);
  const why = whyNotDone(done, `net.ipv4.conf.${name}.${its.key} may be set or not`);
  if (why !== null) return { outcome: 'failed', why };
  return { outcome: 'applied', applied: { interface: name, index } };
}

async function undoKey<Input extends InterfaceKey>(
  its: KeyToTurnOn<Input>,
  context: FixContext,
  input: Input,
  done: Applied,
): Promise<Undone> {
  const mine = applied.parse(done);
  const full = `net.ipv4.conf.${mine.interface}.${its.key}`;
  return undoing(`${full} may be set or not`, async () => {
    const now = await keysNow(its, context, input);
    if (now?.index !== mine.index)
      return { ok: true, why: `the interface ${mine.interface} is gone, and its keys with it` };
    if (now[its.key] === '0') return { ok: true, why: `${full} is 0 already` };
    const undone = await run(context, input, its.off, { interface: mine.interface });
    return undone.exit === 0
      ? { ok: true, why: `${full} is 0 again` }
      : { ok: false, why: `${undone.command}: ${said(undone)}` };
  });
}

/**
 * null: the node has no such interface.
 * @throws LookError where the keys could not be read
 */
async function keysNow<Input extends InterfaceKey>(
  { key }: KeyToTurnOn<Input>,
  context: FixContext,
  input: Input,
): Promise<KeysNow | null> {
  const { interface: name } = input;
  const [settings, links] = await Promise.all([run(context, input, grepInterfaceSettings), linksNow(context, input)]);
  const lines = settings.stdout.split('\n');
  const valueOf = (of: string, which: string) => {
    const file = `/proc/sys/net/ipv4/conf/${of}/${which}:`;
    const line = lines.find((one) => one.startsWith(file));
    if (line !== undefined && !settings.truncated) return line.slice(file.length).trim();
    throw new LookError('command-failed', `${settings.command}: ${of}/${which} is not there: ${said(settings)}`);
  };
  const nodeForwards = valueOf('all', 'forwarding');
  const link = links.find(({ ifname }) => ifname === name);
  if (link === undefined) return null;
  const saved = lines.flatMap((line) => {
    const [, file, text] = /^(\/[^:]+\.conf):(.+)$/.exec(line) ?? [];
    return file !== undefined && text !== undefined ? [{ file, line: text }] : [];
  });
  return {
    index: String(link.ifindex),
    nodeForwards,
    forwarding: valueOf(name, 'forwarding'),
    proxy_arp: valueOf(name, 'proxy_arp'),
    savedIn:
      savedIn({ interfaces: [], saved }, { interface: name, key, values: ['0'], all: key === 'forwarding' }) ?? '',
  };
}
