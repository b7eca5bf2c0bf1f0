import { expect, test } from '@jest/globals';
import type { NodeShells } from '../../src/model/ports.ts';
import { readCapture } from './capture.ts';
import { captureDeps, judgeCapture } from './judge-capture.ts';

/** How often a diagnosis of default/mypod from default/client reads each node's rules. */
async function savesRead(name: string): Promise<Readonly<Record<string, number>>> {
  const deps = captureDeps(readCapture(name));
  const { shells } = deps;
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
  await judgeCapture({ ...deps, shells: counting });
  return counts;
}

test("a healthy flow costs each node one reading of its rules; a drop costs its own node those of a proof, and no other's", async () => {
  expect(await savesRead('healthy-legacy')).toEqual({ n1: 1, n2: 1 });
  const { n1 = 0, n2 } = await savesRead('k8s-deny-ingress-legacy');
  expect([n1 >= 3 && n1 <= 4, n2]).toEqual([true, 1]);
});
