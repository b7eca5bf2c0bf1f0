import type { Verdict } from '../../src/model/verdict.ts';
import { afterEach, beforeAll, expect, test } from '@jest/globals';
import { isAsBefore } from './as-before.ts';
import { breakFault, healFaults } from './faults/apply.ts';
import { brokenCases } from './faults/broken-cases.ts';
import { answers, describeFlow, flow, isThere, whatAnswers, type Flow } from './faults/flows.ts';
import { diagnose, expectedOf, offeredFixes, saidBy, startDiagnosis } from './diagnosis.ts';
import { calicoLabs, describeLab, labCommand, mustSucceed } from './harness.ts';
import { labPaths } from './paths.ts';
import { sharedLab } from './shared-lab.ts';
import { snapshot, type Snapshot } from './snapshot.ts';
import { until } from './run.ts';
import { readTopology } from './state.ts';
import { status } from './status.ts';
import type { Dataplane } from './topology.ts';

const all = (flows: readonly Flow[], value: boolean) =>
  Object.fromEntries(flows.map((one) => [describeFlow(one), value]));

/** Every fault of the catalogue on one backend, with the stand-ins, and with real Calico where it is at hand. */
export function faultSuite(backend: Dataplane): void {
  describeLab.each(calicoLabs.filter(({ dataplane }) => dataplane === backend))(
    'faults, $calico, iptables $dataplane',
    ({ flags }) => {
      const name = sharedLab(...flags);
      const now = () => readTopology(labPaths(name));
      const mypodAnswers = () => answers(now(), flow('default/client', 'default/mypod'));
      let healthy: Snapshot;

      beforeAll(async () => {
        healthy = await snapshot(now());
      }, 120_000);
      // A test that fails half way leaves nothing to the next one.
      afterEach(() => healFaults(now(), null), 120_000);

      /** Approves the fix that a verdict offers: it is verified. */
      const applied = async (verdict: Verdict, fix: string) => {
        const offered = [...verdict.roots, ...verdict.consequences].find((one) => one.fix?.id === fix)?.fix;
        const approve = [
          'ops',
          '--',
          'calico-chatops',
          'fix',
          'approve',
          offered?.plan ?? '',
          '--as',
          'somebody',
        ] as const;
        expect(await mustSucceed(labCommand(name))(...approve)).toContain('verified');
      };
      const found = async (...rest: string[]) => saidBy((await diagnose(name, ...rest)).verdict);

      test('a healthy lab is healthy, three times in a row, and no fix is offered', async () => {
        for (let time = 0; time < 3; time += 1) {
          const { result, verdict } = await (time === 0 ? startDiagnosis : diagnose)(name, 'default/mypod');
          expect([result.status, saidBy(verdict), offeredFixes(verdict), verdict.blindSpots]).toEqual([
            0,
            { verdict: 'healthy', roots: [], consequences: [], latent: [] },
            [],
            [],
          ]);
        }
      }, 120_000);

      /**
       * A healed link carries, and a neighbour is asked for again, when the kernel comes to it: in some seconds. On a
       * busy machine a flow that works may also take longer than its try.
       */
      async function answerAgain(flows: readonly Flow[]): Promise<void> {
        const last = { seen: {} };
        await until('every flow to answer again', 20, async () => {
          last.seen = await whatAnswers(now(), flows);
          return Object.values(last.seen).every(Boolean) ? true : null;
        }).catch(() => expect(last.seen).toEqual(all(flows, true)));
      }

      test.each(brokenCases({ encap: 'ipip', datastore: 'etcd', typha: false }))(
        '$fault $given breaks what it says, is found, and its heal is the exact inverse',
        async ({ fault, given, expects }) => {
          const flows = [...expects.answers, ...expects.silent];
          await breakFault(now(), fault, given);
          await answerAgain(expects.answers);
          expect(await whatAnswers(now(), expects.silent)).toEqual(all(expects.silent, false));
          const first = await diagnose(name, ...expects.asks);
          expect(saidBy(first.verdict)).toEqual(expectedOf(expects));
          for (const judgement of expects.others) expect(await found(...judgement.asks)).toEqual(expectedOf(judgement));
          if (expects.fixedBy !== undefined) {
            await applied(first.verdict, expects.fixedBy);
            await answerAgain(flows);
          }
          await healFaults(now(), fault);
          await isAsBefore(name, healthy);
          // A pod that the fault had added is gone.
          const left = flows.filter(({ to }) => isThere(now(), to));
          await answerAgain([...left, flow('default/client', 'default/mypod')]);
        },
        150_000,
      );

      test('the parts of first-case heal one by one', async () => {
        await breakFault(now(), 'first-case', []);
        await healFaults(now(), 'ipip-blocked');
        expect(status(now()).faults).toEqual([{ name: 'first-case', parameters: {}, parts: ['controller-forbidden'] }]);
        expect(await mypodAnswers()).toBe(false);
        await healFaults(now(), 'first-case');
        await isAsBefore(name, healthy);
      }, 150_000);

      test('what does not belong together stays apart', async () => {
        await breakFault(now(), 'policy-deny', []);
        await breakFault(now(), 'controller-forbidden', ['profile=kept']);
        expect(await found('default/mypod')).toEqual({
          verdict: 'fault',
          roots: ['policy-denies-ingress'],
          consequences: [],
          latent: ['controller-forbidden'],
        });
        await healFaults(now(), null);
        await breakFault(now(), 'ipip-blocked', []);
        // Where Felix does not write: only a counter that nobody moves proves what is behind a lost tunnel.
        await breakFault(now(), 'pod-own-drop', []);
        expect(await found('default/mypod')).toEqual({
          verdict: 'fault',
          roots: ['ipip-lost-between-nodes', 'pod-own-rules-drop'],
          consequences: [],
          latent: [],
        });
        await healFaults(now(), null);
        await isAsBefore(name, healthy);
      }, 150_000);

      test('several faults at once are healed from the newest to the oldest', async () => {
        await breakFault(now(), 'foreign-drop', []);
        await breakFault(now(), 'controller-forbidden', []);
        expect(await mypodAnswers()).toBe(false);
        await healFaults(now(), null);
        await isAsBefore(name, healthy);
      }, 150_000);
    },
  );
}
