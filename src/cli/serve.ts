import { ProgramError } from '../errors.ts';
import type { Surroundings } from './output.ts';

export async function serveCommand(role: 'bot' | 'worker' | 'all', _surroundings: Surroundings): Promise<number> {
  throw new ProgramError('not-yet', `serve --role ${role}: not yet`);
}
