import { parseInvocation, UsageError } from './options.ts';
import { placedCommand } from './places.ts';
import { attempt, type Result } from './run.ts';

/** A name that no other lab of this machine has. */
export const ownLab = (what: string) => `${what}-${process.pid}`;

type Lab = (verb: string, ...rest: string[]) => Promise<Result>;

/**
 * `npm run -s lab -- VERB --name NAME …`, as people start it. A test's own process.env does not reach what it starts:
 * give it here.
 */
export function labProgram(name: string, environment: Readonly<Record<string, string>> = {}): Lab {
  return (verb, ...rest) =>
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

/** The same, without a process of the lab's own where a verb only hands on a command. */
export function labCommand(name: string, environment: Readonly<Record<string, string>> = {}): Lab {
  const start = labProgram(name, environment);
  return async (verb, ...rest) => {
    if (Object.keys(environment).length > 0) return start(verb, ...rest);
    try {
      const placed = placedCommand(parseInvocation([verb, '--name', name, ...rest]));
      return placed === null ? await start(verb, ...rest) : await attempt(placed.argv, '', placed.env);
    } catch (problem) {
      const said = problem instanceof Error ? problem.message : String(problem);
      return { status: problem instanceof UsageError ? 3 : 1, stdout: '', stderr: `${said}\n` };
    }
  };
}

/** The same for what must succeed; resolves to what it printed. @throws Error with what the lab said instead */
export function mustSucceed(lab: Lab) {
  return async (verb: string, ...rest: string[]): Promise<string> => {
    const { status, stdout, stderr } = await lab(verb, ...rest);
    if (status !== 0) throw new Error(`lab ${verb} ${rest.join(' ')}: exit ${status}: ${stderr.slice(-2000)}`);
    return stdout;
  };
}
