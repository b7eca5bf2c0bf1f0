import { z } from 'zod';
import { labCommand } from '../lab/harness.ts';
import { labPaths } from '../lab/paths.ts';
import { answersPing } from '../lab/ready.ts';
import { until } from '../lab/run.ts';

/** What of a verdict is the same in every run: the causes, without times, evidence and run ids. */
const verdictSchema = z.object({
  run: z.string(),
  verdict: z.enum(['healthy', 'fault', 'inconclusive']),
  roots: z.array(z.object({ rule: z.string() })),
  consequences: z.array(z.object({ rule: z.string(), because: z.string() })),
  latent: z.array(z.object({ rule: z.string() })),
  blindSpots: z.array(z.object({ probe: z.string(), code: z.string() })),
});

const plansSchema = z.array(z.object({ plan: z.object({ id: z.string(), fix: z.string(), run: z.string() }), state: z.string(), reason: z.string().nullable() }));

export interface Judged {
  /** Exit status of `diagnose`: 0 healthy, 1 fault, 2 inconclusive. */
  status: number;
  run: string;
  verdict: { verdict: string; roots: string[]; consequences: Record<string, string>; latent: string[]; blindSpots: string[] };
}

/** The program as the bot's own account runs it in the lab's operations namespace, and the lab's faults beside it. */
export function realLab(name: string) {
  const lab = labCommand(name);
  const must = async (verb: string, ...rest: string[]): Promise<string> => {
    const { status, stdout, stderr } = await lab(verb, ...rest);
    if (status !== 0) throw new Error(`lab ${verb} ${rest.join(' ')}: exit ${status}: ${stderr.slice(-2000)}`);
    return stdout;
  };
  const program = (...args: string[]) => lab('ops', '--', 'calico-chatops', ...args);

  return {
    up: (flags: string[]) => must('up', ...flags),
    down: () => must('down'),
    breakFault: (...args: string[]) => must('break', ...args),
    heal: (...faults: string[]) => must('heal', ...faults),
    ping: (from: string, to: string) => answersPing(labPaths(name), from, to),

    /** Waits until the controllers have made a profile: with rights again, they try when their back-off (up to 45 s) ends. */
    profileMade: (profile: string) =>
      until(`the controllers to make ${profile}`, 90, async () => ((await lab('calicoctl', '--', 'get', 'profile', profile)).status === 0 ? true : null)),

    async diagnose(pod: string): Promise<Judged> {
      const { status, stdout, stderr } = await program('diagnose', pod, '--json');
      if (stdout === '') throw new Error(`diagnose ${pod}: exit ${status}: ${stderr}`);
      const { run, verdict, roots, consequences, latent, blindSpots } = verdictSchema.parse(JSON.parse(stdout));
      return {
        status, run,
        verdict: {
          verdict, roots: roots.map((one) => one.rule).toSorted(),
          consequences: Object.fromEntries(consequences.map((one) => [one.rule, one.because])),
          latent: latent.map((one) => one.rule), blindSpots: blindSpots.map((one) => `${one.probe}: ${one.code}`),
        },
      };
    },

    /** The plans of a run by the fix that each is of. */
    async plans(run: string): Promise<Record<string, string>> {
      const all = plansSchema.parse(JSON.parse((await program('fix', 'list', '--json')).stdout));
      return Object.fromEntries(all.filter(({ plan }) => plan.run === run).map(({ plan }) => [plan.fix, plan.id]));
    },

    /** Approves and applies a plan: the exit status and how it ended. */
    async approve(plan: string): Promise<{ status: number; state: string; reason: string | null }> {
      const { status, stderr } = await program('fix', 'approve', plan, '--as', 'operator');
      const shown = await program('fix', 'list', '--json');
      const record = plansSchema.parse(JSON.parse(shown.stdout)).find((one) => one.plan.id === plan);
      if (!record) throw new Error(`plan ${plan} is gone: ${stderr}`);
      return { status, state: record.state, reason: record.reason };
    },
  };
}
