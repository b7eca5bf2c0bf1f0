import { attempt, type Result } from './run.ts';

/** A name that no other lab of this machine has. */
export const ownLab = (what: string) => `${what}-${process.pid}`;

/** `npm run -s lab -- VERB --name NAME …`. A test's own process.env does not reach what it starts: give it here. */
export function labCommand(name: string, environment: Readonly<Record<string, string>> = {}) {
  return (verb: string, ...rest: string[]): Promise<Result> =>
    attempt([
      'env',
      ...Object.entries(environment).map(([key, value]) => `${key}=${value}`),
      process.execPath,
      `${import.meta.dirname}/main.ts`,
      verb,
      '--name',
      name,
      ...rest,
    ]);
}

/** The same for what must succeed; resolves to what it printed. @throws Error with what the lab said instead */
export function mustSucceed(lab: ReturnType<typeof labCommand>) {
  return async (verb: string, ...rest: string[]): Promise<string> => {
    const { status, stdout, stderr } = await lab(verb, ...rest);
    if (status !== 0) throw new Error(`lab ${verb} ${rest.join(' ')}: exit ${status}: ${stderr.slice(-2000)}`);
    return stdout;
  };
}
