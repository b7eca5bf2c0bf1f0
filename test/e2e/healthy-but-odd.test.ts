import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { diagnose, saidBy } from '../../tools/lab/diagnosis.ts';
import { calicoLabs, describeLab, labCommand, mustSucceed, ownLab } from '../../tools/lab/harness.ts';
import { takenBackAfterEach } from '../../tools/lab/take-backs.ts';
import { onNode } from './disturbances.ts';
import { oddInputs } from '../../tools/lab/odd-inputs.ts';

const healthy = { verdict: 'healthy', roots: [], consequences: [], latent: [] };

describeLab.each(calicoLabs)('healthy but odd, $calico, iptables $dataplane', ({ dataplane, calico, flags }) => {
  const name = ownLab(`odd-${calico}-${dataplane}`);
  const lab = labCommand(name);
  const takeBacks = takenBackAfterEach();
  const asked = ['default/mypod', '--from', 'pod:default/client', '--port', '8080/tcp'];
  const runLines = async (node: string, lines: readonly string[]) => {
    for (const line of lines) await onNode(name, node, ['sh', '-c', `IPT=iptables-${dataplane}; ${line}`]);
  };

  beforeAll(async () => {
    await mustSucceed(lab)('up', ...flags);
    expect(saidBy((await diagnose(name, ...asked)).verdict)).toEqual(healthy);
  }, 180_000);
  afterAll(async () => {
    await lab('down');
  }, 60_000);

  test.each(oddInputs(dataplane))(
    'no alarm: $title',
    async ({ add, remove, nodes = ['node-a', 'node-b'] }) => {
      for (const node of nodes) {
        takeBacks.push(() => runLines(node, remove));
        await runLines(node, add);
      }
      expect(saidBy((await diagnose(name, ...asked)).verdict)).toEqual(healthy);
    },
    120_000,
  );
});
