/** Whether a node's helper has the commands of this version, and no others. */
import { commands } from '../commands/registry.ts';
import type { Command, CommandRequest, Transcript } from '../model/command.ts';
import { LookError } from '../model/look-error.ts';
import type { NodeShell } from '../model/ports.ts';
import { renewAgent } from './agent-way-in.ts';
import { allowListDigests } from './allow-list-digests.ts';
import { type Trouble } from './check.ts';
import { someOf } from '../model/words.ts';

const installAgain = 'Run deploy/node/install KEY.pub on the node again, from this version of calico-chatops';
/** The helper itself answers it: SHA-256 of its two lists, each a line; `-` for one that is not there. */
const askDigests: Command = {
  id: 'allow-list-digests',
  argv: ['sha256sum', 'allow-list', 'allow-list.fixes'],
  timeoutSeconds: 5,
  maxBytes: 1000,
};

const run = (shell: NodeShell, request: CommandRequest): Promise<Transcript> => shell.start(request).result;

/**
 * Asks the helper for every command with a value that none of them takes: it refuses all, and says of which it does not
 * know. So nothing runs.
 */
export async function listTroubles(shell: NodeShell, via: 'ssh' | 'agent'): Promise<readonly Trouble[]> {
  const unknown = (
    await Promise.all(commands.map(async (command) => ((await knows(shell, command)) ? [] : [command])))
  ).flat();
  const reading = unknown.filter(({ writes }) => !writes).map(({ id }) => id);
  const fixing = unknown.filter(({ writes }) => writes).map(({ id }) => id);
  const next = via === 'agent' ? renewAgent : installAgain;
  if (unknown.length === 0) return digestTrouble(shell, next);
  return [
    ...(reading.length === 0
      ? []
      : [{ text: `the allow-list of the helper is outdated: it lacks ${someOf(reading, 3)}`, next }]),
    ...(fixing.length === 0
      ? []
      : [
          {
            text:
              'the helper was installed without the commands of fixes, or from another version: ' +
              'the bot cannot apply fixes there',
            next: via === 'agent' ? next : `${next}, without --no-fixes`,
          },
        ]),
  ];
}

async function knows(shell: NodeShell, { id }: Command): Promise<boolean> {
  const asking: Command = { id, argv: ['{nothing:number}'], timeoutSeconds: 5, maxBytes: 1000 };
  try {
    await run(shell, { command: asking, moment: 'first', params: { nothing: '0' } });
    return true;
  } catch (error) {
    if (!(error instanceof LookError) || error.code !== 'node-helper-missing') throw error;
    return !error.message.includes('not in the allow-list');
  }
}

/** Every command is known: their templates, or the types of their values, may still be others. */
async function digestTrouble(shell: NodeShell, next: string): Promise<readonly Trouble[]> {
  try {
    const { stdout } = await run(shell, { command: askDigests, moment: 'first', params: {} });
    const { reading, fixing } = allowListDigests;
    if (stdout === `${reading}\n${fixing}\n`) return [];
  } catch (error) {
    if (!(error instanceof LookError) || error.code !== 'node-helper-missing') throw error;
  }
  return [{ text: 'the helper or its allow-list is of another version', next }];
}
