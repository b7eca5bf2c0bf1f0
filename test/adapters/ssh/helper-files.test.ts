/** What the node's helper keeps of a command in the folder of its session, until it has answered. */
import { expect, test } from '@jest/globals';
import { describeAsRoot } from '../../support/as-root.ts';
import { answers, gone, greeted, node, open, withHelper } from './helper-sessions.ts';

describeAsRoot("the files of the node's helper", () => {
  withHelper();

  test.each([1, 24, 25, 400])('an output of %i lines comes as it is, with what was said beside it', async (count) => {
    const session = await greeted(open());
    session.send(`7 test-lines count=${count}\n`);
    const lines = Array.from({ length: count }, (_, index) => `${index + 1}\n`).join('');
    await answers(session, `err\n`);
    expect(session.said.stdout.replace(/(?<== 7 0 )\d+/, 'TIME')).toBe(
      `calico-chatops-node 1\n= 7 0 TIME ${lines.length} 4 -\n${lines}err\n`,
    );
  });

  test('without room for its files, a request is refused, and the next one is taken', async () => {
    await node.inside(
      'mkdir -p -m 700 /run/calico-chatops && mount -t tmpfs -o size=64k,mode=700 full /run/calico-chatops',
    );
    try {
      const session = await greeted(open());
      await node.inside('head -c 1000000 /dev/zero >/run/calico-chatops/full 2>/dev/null; true');
      session.send('1 test-who\n');
      await answers(session, 'refused\ntest-who: no room in /run/calico-chatops');
      await node.inside('rm /run/calico-chatops/full');
      session.send('2 test-who\n');
      await answers(session, 'root\n');
      session.hangUp();
      await gone();
    } finally {
      await node.inside('umount /run/calico-chatops');
    }
  });
});
