/** Labs whose packets travel otherwise than in IPIP: what is found there is right, with as few diagnoses as show it. */
import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import { diagnose, expectedOf, saidBy } from './diagnosis.ts';
import type { Encap } from './encapsulation.ts';
import { breakFault, healFaults } from './faults/apply.ts';
import { catalogue } from './faults/catalogue/registry.ts';
import { answers, flow } from './faults/flows.ts';
import { describeLab, labCommand, mustSucceed, ownLab } from './harness.ts';
import { labPaths } from './paths.ts';
import { snapshot, type Snapshot } from './snapshot.ts';
import { readTopology } from './state.ts';
import type { Dataplane } from './topology.ts';

type Broken = readonly [
  fault: string,
  given: readonly string[],
  roots?: readonly string[],
  consequences?: readonly string[],
];

/** `bare`: whose packets to default/mypod no tunnel carries. Faults without roots say what their catalogue expects. */
const labs: readonly { encap: Encap; dataplane: Dataplane; bare: string; broken: readonly Broken[] }[] = [
  {
    encap: 'crosssubnet',
    dataplane: 'legacy',
    bare: 'default/twin',
    broken: [
      ['vxlan-blocked', []],
      ['vxlan-neighbour-lost', []],
      ['vxlan-neighbour-lost', ['lost=address']],
      ['tunnel-down', []],
      ['policy-deny', []],
      ['foreign-drop', []],
      ['first-case', [], ['vxlan-lost-between-nodes', 'controller-forbidden'], ['pod-profile-missing']],
    ],
  },
  {
    encap: 'none',
    dataplane: 'nft',
    bare: 'default/client',
    broken: [
      ['bgp-session-down', []],
      ['pod-addresses-blocked', []],
      ['policy-deny', []],
      ['foreign-drop', []],
      ['first-case', [], ['pool-encapsulation-mismatch', 'controller-forbidden'], ['pod-profile-missing']],
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
    const { verdict } = await diagnose(name, 'default/mypod', '--from', `pod:${bare}`);
    expect([saidBy(verdict).verdict, verdict.blindSpots]).toEqual(['healthy', []]);
    expect(saidBy((await diagnose(name, ...asked)).verdict).verdict).toBe('healthy');
  }, 60_000);

  test.each(broken)(
    '%s %s is found, and its heal is the exact inverse',
    async (fault, given, roots, consequences) => {
      const { expects, variants } = catalogue.find((one) => one.name === fault) ?? {};
      const variant = variants?.find(({ parameters }) =>
        given.includes(Object.entries(parameters).map(([key, value]) => `${key}=${value}`)[0] ?? ''),
      );
      const judgement = variant?.expects ?? expects;
      if (!judgement) throw new Error(`no fault ${fault}`);
      await breakFault(now(), fault, [...given]);
      expect(await answers(now(), flow('default/client', 'default/mypod'))).toBe(false);
      expect(saidBy((await diagnose(name, ...asked)).verdict)).toEqual(
        expectedOf({ ...judgement, ...(roots ? { roots, consequences: consequences ?? [] } : {}) }),
      );
      await healFaults(now(), null);
      expect(await snapshot(now())).toEqual(healthy);
    },
    150_000,
  );
});
