import { ProgramError } from '../../errors.ts';
import { own } from '../../model/own.ts';
import { quoted } from '../../model/target-grammar.ts';
import { exitCode, type Surroundings } from '../output.ts';
import { scripts, shells } from './shells.ts';

/**
 * `calico-chatops completion`.
 * @throws ProgramError `usage` for a shell that it does not know
 */
export function completionCommand(name: string, { out }: Pick<Surroundings, 'out'>): number {
  const script = own(scripts, name);
  if (script === undefined) throw new ProgramError('usage', `${quoted(name)} is not one of ${shells.join(', ')}`);
  out(script);
  return exitCode.done;
}
