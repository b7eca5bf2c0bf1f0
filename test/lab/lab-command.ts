import { attempt, type Result } from './run.ts';

/** A name that no other lab of this machine has. */
export const ownLab = (what: string) => `${what}-${process.pid}`;

/** `npm run -s lab -- VERB --name NAME …` */
export function labCommand(name: string) {
  return (verb: string, ...rest: string[]): Promise<Result> =>
    attempt([process.execPath, `${import.meta.dirname}/main.ts`, verb, '--name', name, ...rest]);
}
