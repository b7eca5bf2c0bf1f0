import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { catalogue } from './faults/catalogue.ts';
import { describeLab, labCommand, ownLab } from './harness.ts';
import { labPaths } from './paths.ts';
import { readTopology } from './state.ts';
import { snapshot } from './snapshot.ts';
import { dataplanes } from './topology.ts';

/** With LAB_CALICO_BIN set the same faults run on real Calico. */
const real = process.env['LAB_CALICO_BIN'] === undefined ? [] : ['--real'];

describeLab.each(dataplanes)('faults on iptables %s', (dataplane) => {
  const name = ownLab(`faults-${dataplane}`);
  const lab = labCommand(name);
  const ping = async (from: string, to: string) => (await lab('pod', from, '--', 'ping', '-c1', '-W1', '-q', to)).status === 0;

  beforeAll(async () => {
    const up = await lab('up', '--dataplane', dataplane, ...real);
    if (up.status !== 0) throw new Error(up.stderr);
  }, 120_000);
  afterAll(async () => {
    await lab('down');
  }, 60_000);

  test.each(catalogue.map((fault) => fault.name))('%s breaks what it says, and its heal is the exact inverse', async (faultName) => {
    const fault = catalogue.find((one) => one.name === faultName);
    const before = await snapshot(readTopology(labPaths(name)));
    expect(await lab('break', faultName)).toMatchObject({ status: 0, stderr: '' });
    expect(await ping('default/client', '10.244.1.5')).toBe(fault?.roots.length === 0);
    expect(await ping('shop/api', '10.244.2.7')).toBe(!['kns', 'profile', 'controller', 'first'].some((word) => faultName.startsWith(word)));
    expect(await lab('heal', faultName)).toMatchObject({ status: 0, stderr: '' });
    expect(await snapshot(readTopology(labPaths(name)))).toEqual(before);
    expect(await ping('default/client', '10.244.1.5')).toBe(true);
  }, 150_000);

  test('a pod added while Felix is down is not reached; heal takes it away again', async () => {
    const before = await snapshot(readTopology(labPaths(name)));
    expect(await lab('break', 'felix-stopped', 'new-pod=true')).toMatchObject({ status: 0, stderr: '' });
    expect(await ping('default/client', '10.244.1.6')).toBe(false);
    expect(await ping('default/client', '10.244.1.5')).toBe(true);
    expect(await lab('heal')).toMatchObject({ status: 0, stderr: '' });
    expect(await snapshot(readTopology(labPaths(name)))).toEqual(before);
  }, 120_000);
});
