/** Labs whose packets travel otherwise than in IPIP: what is found there is right, with as few diagnoses as show it. */
import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import { diagnose, expectedOf, saidBy, startDiagnosis } from './diagnosis.ts';
import type { Encap } from './encapsulation.ts';
import { breakFault, healFaults } from './faults/apply.ts';
import { catalogue } from './faults/catalogue/registry.ts';
import { answers, flow } from './faults/flows.ts';
import { describeLab, labCommand, mustSucceed, ownLab } from './harness.ts';
import { labPaths } from './paths.ts';
import { snapshot, type Snapshot } from './snapshot.ts';
import { readTopology } from './state.ts';
import type { Dataplane } from './topology.ts';

interface Broken {
  readonly fault: string;
  readonly given?: string;
  /** Where this lab makes another cause of it than the catalogue says. */
  readonly roots?: readonly string[];
  readonly consequences?: readonly string[];
}

/** `bare`: whose packets to default/mypod no tunnel carries. Faults without roots say what their catalogue expects. */
const labs: readonly { encap: Encap; dataplane: Dataplane; bare: string; broken: readonly Broken[] }[] = [
  {
    encap: 'crosssubnet',
    dataplane: 'legacy',
    bare: 'default/twin',
    broken: [
      { fault: 'vxlan-blocked' },
      { fault: 'vxlan-neighbour-lost' },
      { fault: 'vxlan-neighbour-lost', given: 'lost=address' },
      { fault: 'tunnel-down' },
      { fault: 'policy-deny' },
      { fault: 'foreign-drop' },
      { fault: 'first-case', roots: ['vxlan-lost-between-nodes', 'controller-forbidden'] },
    ],
  },
  {
    encap: 'none',
    dataplane: 'nft',
    bare: 'default/client',
    broken: [
      { fault: 'bgp-session-down' },
      { fault: 'pod-addresses-blocked' },
      { fault: 'policy-deny' },
      { fault: 'foreign-drop' },
      {
        fault: 'first-case',
        roots: ['bgp-session-down', 'controller-forbidden'],
        consequences: ['block-route-missing', 'pod-profile-missing'],
      },
    ],
  },
];

describeLab.each(labs)('a lab of --encap $encap, iptables $dataplane', ({ encap, dataplane, bare, broken }) => {
  const name = ownLab(encap);
  const lab = labCommand(name);
  const now = () => readTopology(labPaths(name));
  const asked = ['default/mypod', '--from', 'pod:default/client'];
  let healthy: Snapshot;

  beforeAll(async () => {
    await mustSucceed(lab)('up', '--encap', encap, '--dataplane', dataplane);
    healthy = await snapshot(now());
  }, 120_000);
  afterEach(() => healFaults(now(), null), 120_000);
  afterAll(async () => {
    await lab('down');
  }, 60_000);

  test('healthy is healthy, also where no tunnel carries the packets', async () => {
    const { verdict } = await startDiagnosis(name, 'default/mypod', '--from', `pod:${bare}`);
    expect([saidBy(verdict).verdict, verdict.blindSpots]).toEqual(['healthy', []]);
    expect(saidBy((await diagnose(name, ...asked)).verdict).verdict).toBe('healthy');
  }, 60_000);

  test.each(broken)(
    '$fault $given is found, and its heal is the exact inverse',
    async ({ fault, given, roots, consequences }) => {
      const { expects, variants } = catalogue.find((one) => one.name === fault) ?? {};
      const variant = variants?.find(({ parameters }) =>
        Object.entries(parameters).some(([key, value]) => `${key}=${value}` === given),
      );
      const judgement = variant?.expects ?? expects;
      if (!judgement) throw new Error(`no fault ${fault}`);
      await breakFault(now(), fault, given === undefined ? [] : [given]);
      expect(await answers(now(), flow('default/client', 'default/mypod'))).toBe(false);
      expect(saidBy((await diagnose(name, ...asked)).verdict)).toEqual(
        expectedOf({ ...judgement, ...(roots ? { roots } : {}), ...(consequences ? { consequences } : {}) }),
      );
      await healFaults(now(), null);
      expect(await snapshot(now())).toEqual(healthy);
    },
    150_000,
  );
});
