import { z } from 'zod';
import { diagnose, saidBy } from '../../tools/lab/diagnosis.ts';
import { labCommand, mustSucceed } from '../../tools/lab/lab-command.ts';
import { askResident } from '../../tools/lab/operations/resident.ts';
import { labPaths } from '../../tools/lab/paths.ts';
import { answersPing } from '../../tools/lab/ready.ts';
import { until } from '../../tools/lab/run.ts';

const plansSchema = z.array(
  z.object({
    plan: z.object({ id: z.string(), fix: z.string(), run: z.string() }),
    state: z.string(),
    reason: z.string().nullable(),
  }),
);

/** A lab's faults, and the program as the bot's own account runs it in the operations namespace. */
export function realLab(name: string) {
  const lab = labCommand(name);
  const must = mustSucceed(lab);
  const allPlans = async () =>
    plansSchema.parse(JSON.parse((await askResident(name, ['fix', 'list', '--json'])).stdout));

  return {
    up: (flags: string[]) => must('up', ...flags),
    down: () => must('down'),
    breakFault: (fault: string) => must('break', fault),
    heal: (...faults: string[]) => must('heal', ...faults),
    ping: (from: string, to: string) => answersPing(labPaths(name), from, to),

    /** Waits until the controllers have made a profile: with rights again, they try when their back-off (up to 45 s) ends. */
    profileMade: (profile: string) =>
      until(`the controllers to make ${profile}`, 90, async () =>
        (await lab('calicoctl', '--', 'get', 'profile', profile)).status === 0 ? true : null,
      ),

    /** What a verdict says, with the rule that each consequence comes from, and the exit status: 0 healthy, 1 fault, 2 inconclusive. */
    async diagnose(...asks: string[]) {
      const { result, verdict } = await diagnose(name, ...asks);
      const because = Object.fromEntries(verdict.consequences.map((one) => [one.rule, one.because.rule]));
      return {
        run: verdict.run,
        said: { status: result.status, ...saidBy(verdict), because, blindSpots: verdict.blindSpots },
      };
    },

    /** The plans of a run by the fix that each is of. */
    async plans(run: string): Promise<Record<string, string>> {
      return Object.fromEntries(
        (await allPlans()).filter(({ plan }) => plan.run === run).map(({ plan }) => [plan.fix, plan.id]),
      );
    },

    /** Approves and applies a plan: the exit status and how it ended. */
    async approve(plan: string): Promise<{ status: number; state: string; reason: string | null }> {
      const { status, stderr } = await lab('ops', '--', 'calico-chatops', 'fix', 'approve', plan, '--as', 'operator');
      const record = (await allPlans()).find((one) => one.plan.id === plan);
      if (!record) throw new Error(`plan ${plan} is gone: ${stderr}`);
      return { status, state: record.state, reason: record.reason };
    },
  };
}
