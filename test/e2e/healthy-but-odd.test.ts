import { beforeAll, expect, test } from '@jest/globals';
import { diagnose, saidBy, startDiagnosis } from '../../tools/lab/diagnosis.ts';
import { calicoLabs, describeLab } from '../../tools/lab/harness.ts';
import { sharedLab } from '../../tools/lab/shared-lab.ts';
import { takenBackAfterEach } from '../../tools/lab/take-backs.ts';
import { onNode } from './disturbances.ts';
import { oddInputs } from '../../tools/lab/odd-inputs.ts';

const healthy = { verdict: 'healthy', roots: [], consequences: [], latent: [] };

describeLab.each(calicoLabs)('healthy but odd, $calico, iptables $dataplane', ({ dataplane, flags }) => {
  const name = sharedLab(...flags);
  const takeBacks = takenBackAfterEach();
  const asked = ['default/mypod', '--from', 'pod:default/client', '--port', '8080/tcp'];
  const runLines = async (node: string, lines: readonly string[]) => {
    for (const line of lines) await onNode(name, node, ['sh', '-c', `IPT=iptables-${dataplane}; ${line}`]);
  };

  beforeAll(async () => {
    expect(saidBy((await startDiagnosis(name, ...asked)).verdict)).toEqual(healthy);
  }, 180_000);

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
