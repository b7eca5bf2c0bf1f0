import { expect, test } from '@jest/globals';
import type { Clock, NodeShells } from '../../src/model/ports.ts';
import { diagnose } from '../../src/engine/diagnose.ts';
import { computed } from '../../src/computed/registry.ts';
import { probes } from '../../src/probes/registry.ts';
import { rules } from '../../src/rules/registry.ts';
import { captureCluster } from './capture-cluster.ts';
import { captureShells } from './capture-shells.ts';
import { readCapture } from './capture.ts';

const clock: Clock = { now: () => new Date('2026-11-23T18:00:10Z'), sleep: async () => {} };

/** How often a diagnosis of default/mypod from default/client reads each node's rules. */
async function savesRead(name: string): Promise<Readonly<Record<string, number>>> {
  const capture = readCapture(name);
  const shells = captureShells(capture);
  const counts: Record<string, number> = {};
  const counting: NodeShells = {
    ...shells,
    shell: (node) => {
      const shell = shells.shell(node);
      const start: typeof shell.start = (request) => {
        if (request.command.id === 'iptables-legacy-save') counts[node.name] = (counts[node.name] ?? 0) + 1;
        return shell.start(request);
      };
      return { ...shell, start };
    },
  };
  const target = {
    cluster: 'default',
    namespace: 'default',
    pod: 'mypod',
    from: { kind: 'pod', namespace: 'default', name: 'client' },
    port: null,
  } as const;
  const deps = { probes, computed, rules, clock, cluster: captureCluster(capture), shells: counting };
  await diagnose(deps, { run: 'r-capture', target }, async () => {});
  return counts;
}

test("a healthy flow costs each node one reading of its rules; a drop costs its own node those of a proof, and no other's", async () => {
  expect(await savesRead('healthy-legacy')).toEqual({ n1: 1, n2: 1 });
  const { n1 = 0, n2 } = await savesRead('k8s-deny-ingress-legacy');
  expect([n1 >= 3 && n1 <= 4, n2]).toEqual([true, 1]);
});
