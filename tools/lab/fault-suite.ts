import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { breakFault, healFaults } from './faults/apply.ts';
import { catalogue } from './faults/catalogue.ts';
import { diagnose, offeredFixes, saidBy } from './diagnosis.ts';
import { calicoLabs, describeLab, labCommand, mustSucceed, ownLab } from './harness.ts';
import { labPaths } from './paths.ts';
import { answersPing } from './ready.ts';
import { snapshot, type Snapshot } from './snapshot.ts';
import { readTopology } from './state.ts';
import { status } from './status.ts';
import type { Dataplane } from './topology.ts';

/** Faults after which namespace default has no profile: its pods are cut off even on their own node. */
const withoutProfile = new Set(['profile-missing', 'controller-stopped', 'controller-forbidden', 'first-case']);

/** Every fault of the catalogue on one backend, with the stand-ins, and with real Calico where it is at hand. */
export function faultSuite(backend: Dataplane): void {
  describeLab.each(calicoLabs.filter(({ dataplane }) => dataplane === backend))(
    'faults, $calico, iptables $dataplane',
    ({ dataplane, calico, flags }) => {
      const name = ownLab(`${calico}-${dataplane}`);
      const lab = labCommand(name);
      const now = () => readTopology(labPaths(name));
      const ping = (from: string, to: string) => answersPing(labPaths(name), from, to);
      let healthy: Snapshot;

      beforeAll(async () => {
        await mustSucceed(lab)('up', ...flags);
        healthy = await snapshot(now());
      }, 120_000);
      afterAll(async () => {
        await lab('down');
      }, 60_000);

      const found = async (...rest: string[]) => saidBy((await diagnose(name, ...rest)).verdict);

      test('a healthy lab is healthy, three times in a row, and no fix is offered', async () => {
        for (let time = 0; time < 3; time += 1) {
          const { result, verdict } = await diagnose(name, 'default/mypod');
          expect([result.status, saidBy(verdict), offeredFixes(verdict)]).toEqual([
            0,
            { verdict: 'healthy', roots: [], consequences: [], latent: [] },
            [],
          ]);
        }
      }, 120_000);

      test.each(catalogue)(
        '$name breaks what it says, is found, and its heal is the exact inverse',
        async (fault) => {
          await breakFault(now(), fault.name, []);
          expect(await ping('default/client', '10.244.1.5')).toBe(fault.roots.length === 0);
          expect(await ping('shop/api', '10.244.2.7')).toBe(!withoutProfile.has(fault.name));
          expect(await found('default/mypod')).toEqual({
            verdict: 'fault',
            roots: fault.roots.toSorted(),
            consequences: fault.consequences.toSorted(),
            latent: fault.latent.toSorted(),
          });
          await healFaults(now(), fault.name);
          expect(await snapshot(now())).toEqual(healthy);
          expect(await ping('default/client', '10.244.1.5')).toBe(true);
        },
        150_000,
      );

      test('a pod added while Felix is down is not reached; heal takes it away again', async () => {
        await breakFault(now(), 'felix-stopped', ['new-pod=true']);
        expect(await ping('default/client', '10.244.1.6')).toBe(false);
        expect(await ping('default/client', '10.244.1.5')).toBe(true);
        expect(await found('default/newpod')).toEqual({
          verdict: 'fault',
          roots: ['felix-not-running'],
          consequences: [],
          latent: [],
        });
        await healFaults(now(), null);
        expect(await snapshot(now())).toEqual(healthy);
      }, 120_000);

      test('the parts of first-case heal one by one', async () => {
        await breakFault(now(), 'first-case', []);
        await healFaults(now(), 'ipip-blocked');
        expect(status(now()).faults).toEqual([{ name: 'first-case', parameters: {}, parts: ['controller-forbidden'] }]);
        expect(await ping('default/client', '10.244.1.5')).toBe(false);
        await healFaults(now(), 'first-case');
        expect(await snapshot(now())).toEqual(healthy);
      }, 150_000);

      test('parameters: a profile of another namespace, rights lost while the profile stays', async () => {
        await breakFault(now(), 'controller-forbidden', ['profile=kept']);
        expect(await ping('default/client', '10.244.1.5')).toBe(true);
        await healFaults(now(), null);
        await breakFault(now(), 'profile-missing', ['namespace=shop']);
        expect(await ping('default/client', '10.244.1.9')).toBe(false);
        expect(await ping('default/client', '10.244.1.5')).toBe(true);
        expect((await found('default/mypod')).verdict).toBe('healthy');
        expect(await found('default/mypod', '--from', 'pod:shop/api')).toEqual({
          verdict: 'fault',
          roots: ['pod-profile-missing'],
          consequences: [],
          latent: [],
        });
        await healFaults(now(), null);
        expect(await snapshot(now())).toEqual(healthy);
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
        await breakFault(now(), 'foreign-drop', []);
        expect(await found('default/mypod')).toEqual({
          verdict: 'fault',
          roots: ['foreign-rule-drops', 'ipip-lost-between-nodes'],
          consequences: [],
          latent: [],
        });
        await healFaults(now(), null);
        expect(await snapshot(now())).toEqual(healthy);
      }, 150_000);

      test('several faults at once are healed from the newest to the oldest', async () => {
        await breakFault(now(), 'foreign-drop', []);
        await breakFault(now(), 'controller-forbidden', []);
        expect(await ping('default/client', '10.244.1.5')).toBe(false);
        await healFaults(now(), null);
        expect(await snapshot(now())).toEqual(healthy);
      }, 150_000);
    },
  );
}
