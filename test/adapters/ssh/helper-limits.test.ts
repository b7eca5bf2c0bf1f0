/** The node's helper under a client that asks for too much, says nonsense, or goes away. */
import { describe, expect, test } from '@jest/globals';
import { until } from '../../../tools/lab/run.ts';
import { describeAsRoot } from '../../support/as-root.ts';
import {
  answers,
  files,
  folders,
  goesWithin,
  gone,
  greeted,
  helper,
  justNow,
  members,
  node,
  open,
  processorMs,
  withHelper,
  type Session,
} from './helper-sessions.ts';

/** Commands that a session was told to be too many. */
function refusals({ said }: Session): number {
  return said.stdout.split('too many commands wait').length - 1;
}

/** The processor time of a session that refuses the request, and goes on. */
async function refusedAt(line: string): Promise<number> {
  const session = await greeted(open());
  session.send(`${line}\n2 test-who\n`);
  await answers(session, 'root\n', 60);
  expect(session.said.stdout).toMatch(/^calico-chatops-node 1\n= [01] - 0 0 \d+ refused\n/);
  const ms = await processorMs();
  session.hangUp();
  await gone();
  return ms;
}

describeAsRoot("the node's helper", () => {
  withHelper();
  let reading: number | undefined;

  describe('a request', () => {
    test('of 1.5 MB is refused, and ends the session', async () => {
      const limit = await justNow(5000);
      const session = await greeted(open());
      const began = performance.now();
      session.send(`1 test-say word=${'x'.repeat(1_500_000)}\n2 test-who\n`);
      await session.ended;
      expect(performance.now() - began).toBeLessThan(limit);
      expect(session.said.stdout).toMatch(/= 0 - 0 0 \d+ refused\na request is longer than 65536 bytes$/);
    });

    test('of 400 kB without an equals sign is not looked at', async () => {
      const session = await greeted(open());
      session.send(`1 test-say ${'x'.repeat(400_000)}\n`);
      await session.ended;
      expect(session.said.stdout).toContain('a request is longer than');
    });

    test.each([
      ['one long word', `1 test-say ${'x'.repeat(65_000)}`],
      ['a long value', `1 test-say word=${'x'.repeat(65_000)}`],
      ['a long key', `1 test-say ${'x'.repeat(65_000)}=y`],
      ['a long list', `1 test-read word=x labels=${'pcns.a=b,'.repeat(7000)}`],
      ['a list of commas', `1 test-read word=x labels=${','.repeat(65_000)}`],
      ['a list of one long pair', `1 test-read word=x labels=pcns.a=${'x'.repeat(65_000)}`],
      ['many words', `1 test-say ${'x '.repeat(32_000)}`],
      ['many equals signs', `1 test-say word=${'='.repeat(65_000)}`],
      ['a long template', `1 test-${'x'.repeat(65_000)}`],
      ['a long id', '1'.repeat(65_000)],
      ['spaces', ' '.repeat(65_500)],
      ['bytes that are no text', `1 test-say word=${'\u0080\u0001'.repeat(20_000)}`],
    ])('of the longest length with %s costs as much as its reading', async (_, line) => {
      // One plain word is read and refused.
      reading ??= await refusedAt(`1 ${'x'.repeat(65_000)}`);
      expect(reading).toBeGreaterThan(0);

      expect((await refusedAt(line)) / reading).toBeLessThan(10);
    });

    test('that never ends is not kept: half a line at the end of input is nothing', async () => {
      const session = await greeted(open());
      session.child.stdin.end('1 test-say word=x');
      await session.ended;
      expect(session.said.stdout).toBe('calico-chatops-node 1\n');
    });
  });

  test('100,000 stops of what does not run leave no file, and end the session', async () => {
    const session = await greeted(open());
    // A place keeps its files until the session ends: two are used before, as afterwards.
    session.send('1 test-who\n2 test-who\n');
    await answers(session, 'root\n');
    await until('both answers', 20, async () => (session.said.stdout.split('root\n').length === 3 ? true : null));
    session.said.stdout = '';
    session.send('999999 test-listen\n');
    await answers(session, '! 999999\n');
    const before = await files();
    session.send(`${Array.from({ length: 1000 }, (_, index) => `stop ${index + 1}\n`).join('')}1 test-who\n`);
    await answers(session, 'root\n');
    await until('the files of before', 5, async () => ((await files()) === before ? true : null));
    session.send(Array.from({ length: 100_000 }, (_, index) => `stop ${index + 1}\n`).join(''));
    await session.ended;
    expect(session.said.stdout).toMatch(/refused\ntoo many stops of what does not run$/);
  });

  test('a stop that comes too late, or twice, does not meet the next command of its place', async () => {
    const session = await greeted(open());
    session.send('1 test-who\n');
    await answers(session, '= 1 0 ');
    session.send('stop 1\nstop 1\n2 test-who\n');
    await answers(session, '= 2 0 ');
    session.send('3 test-wait seconds=60\nstop 3\nstop 3\n');
    await answers(session, '= 3 143 ');
    session.send('4 test-who\n');
    await answers(session, '= 4 0 ');
  });

  test('400 requests at once in four sessions: 24 are taken in each, and the processes are few', async () => {
    const four = await Promise.all([1, 2, 3, 4].map(() => greeted(open())));
    for (const session of four)
      session.send(`${Array.from({ length: 400 }, (_, index) => `${index + 1} test-wait seconds=20`).join('\n')}\n`);
    await until('376 refusals a session', 30, async () =>
      four.every((session) => refusals(session) === 376) ? true : null,
    );
    // Reader, watcher, 16 that wait, and for each of eight that run: supervisor, timeout, command.
    expect((await members()).length).toBeLessThanOrEqual(4 * (2 + 16 + 8 * 3));
    for (const session of four) session.hangUp();
    await gone();
  }, 60_000);

  test('a ninth session at once is refused, and taken when one has ended', async () => {
    const eight = [];
    for (let index = 0; index < 8; index += 1) eight.push(await greeted(open()));
    const ninth = open();
    await ninth.ended;
    expect(ninth.said).toEqual({ stdout: '', stderr: 'calico-chatops-node: 8 sessions run on this node already\n' });
    eight[3]?.hangUp();
    await until('a free session', 10, async () => ((await folders()).length < 8 ? true : null));
    await greeted(open());
  });

  describe('leaves nothing when it is killed', () => {
    const helpers = "pgrep -f '[b]in/calico-chatops-node'";

    test('the reader of requests alone: its watcher ends the commands too', async () => {
      await goesWithin(2000, async () => {
        const session = await greeted(open());
        session.send('1 test-stubborn\n2 test-wait seconds=25\n');
        await until('both commands', 10, async () => ((await members()).length > 7 ? true : null));
        await node.inside(`kill -KILL $(${helpers} | head -n 1)`);
      });
    });

    test('all of it: its folder goes at the next start, when its last command has gone, and no other folder does', async () => {
      const other = await greeted(open());
      other.send('1 test-listen\n');
      await answers(other, '! 1\n');
      const session = await greeted(open());
      session.send('1 test-wait seconds=25\n');
      await until('its command', 10, async () =>
        // The other session's command sleeps as well, and shorter.
        (await node.inside("pgrep -fx 'sleep 25'; true")).includes('\n') ? true : null,
      );
      // Its processes but for the command, all at once: the end of one would wake another, which ends the command.
      await node.inside(
        'all=; for p in $(pgrep -f \'[b]in/calico-chatops-node\'); do ls -l /proc/$p/fd | grep -q /run/calico-chatops/2.lock && all="$all $p"; done; kill -KILL $all; true',
      );
      await session.ended;
      expect(await folders()).toHaveLength(2);

      // A command of it still runs: its place and its folder are not taken.
      const third = await greeted(open());
      expect(await folders()).toEqual(['/run/calico-chatops/1/', '/run/calico-chatops/2/', '/run/calico-chatops/3/']);
      third.hangUp();
      await node.inside(
        'for p in $(pgrep -x timeout; pgrep -x sleep); do ls -l /proc/$p/fd | grep -q /run/calico-chatops/2.lock && kill -KILL $p; done; true',
      );
      await until('its lock to be free', 5, async () =>
        (await node.inside('flock -n /run/calico-chatops/2.lock echo free; true')) === 'free\n' ? true : null,
      );
      await node.inside('mkdir -p /run/calico-chatops/7 && touch /run/calico-chatops/7/left');
      await greeted(open());
      expect(await folders()).toEqual(['/run/calico-chatops/1/', '/run/calico-chatops/2/']);
      expect(await node.inside('ls /run/calico-chatops/2')).not.toContain('.pid');
      // The first session never noticed.
      other.send('stop 1\n');
      await answers(other, '= 1 0 ');
    });
  });

  describe('ends within 2 s of a hang-up', () => {
    test.each<[string, string, (session: Session) => Promise<unknown>]>([
      ['with nothing to do', '', async () => true],
      ['in the middle of a line', `1 test-say word=${'x'.repeat(1000)}`, async () => true],
      ['in a flood of requests', '1 test-who\n'.repeat(20_000), async (session) => answers(session, '= 1 ')],
      ['in a flood of stops of nothing', 'stop 5\n'.repeat(200_000), async () => true],
      ['in a flood of stops of one command', `5 test-stubborn\n${'stop 5\n'.repeat(200_000)}`, async () => true],
      [
        'with a command that ignores its end',
        '1 test-stubborn\n',
        async () => until('the command', 10, async () => ((await members()).length > 4 ? true : null)),
      ],
      ['with a capture that listens', '1 test-listen\n', async (session) => answers(session, '! 1\n')],
      [
        'with all places taken',
        Array.from({ length: 24 }, (_, index) => `${index + 1} test-wait seconds=20\n`).join(''),
        async () => until('the commands', 10, async () => ((await members()).length >= 34 ? true : null)),
      ],
    ])('%s', async (_, text, ready) => {
      await goesWithin(2000, async () => {
        const session = await greeted(open());
        session.send(text);
        await ready(session);
        session.hangUp();
      });
    });

    test('while it writes what nobody reads', async () => {
      await goesWithin(2000, async () => {
        const session = open(false);
        session.send(Array.from({ length: 8 }, (_, index) => `${index + 1} test-large bytes=99999\n`).join(''));
        await until('a frame that fills the pipe', 10, async () =>
          (await node.inside('grep -l pipe_write /proc/[0-9]*/wchan 2>/dev/null; pgrep -x head; true')) === ''
            ? null
            : true,
        );
        session.hangUp();
      });
    });
  });

  test('ends when its time is over, also for a client that stays and reads nothing', async () => {
    await node.inside(`cp -p ${helper} /run/whole && sed -i s/life_seconds=180/life_seconds=2/ ${helper}`);
    try {
      const session = open(false);
      session.send(Array.from({ length: 8 }, (_, index) => `${index + 1} test-large bytes=99999\n`).join(''));
      await until('the session', 5, async () => ((await folders()).length === 1 ? true : null));
      await gone();
    } finally {
      await node.inside(`mv /run/whole ${helper}`);
    }
  });

  test('a capture device must be one of the node, and never the loopback', async () => {
    const session = await greeted(open());
    const device = (
      await node.inside('cd /sys/class/net && for d in *; do test -d $d && test $d != lo && echo $d; done | head -n 1')
    ).trim();
    expect(device).not.toBe('');
    const refused = [
      'lo',
      'any',
      'nflog',
      'nfqueue',
      'nfqueue:5',
      'dbus-system',
      'dbus-session',
      'usbmon0',
      'bluetooth0',
      'bluetooth-monitor',
      '1',
      '2',
      'nothing0',
      'bonding_masters',
      '..',
      '../net/lo',
    ];
    session.send([...refused, device].map((name, index) => `${index + 1} test-device device=${name}\n`).join(''));
    await answers(session, `= ${refused.length + 1} 0 `);
    for (const index of refused.keys()) expect(session.said.stdout).toContain(`= ${index + 1} - 0 0 `);
  });

  test('a network of a pod is not the one of the node, by whatever name it goes', async () => {
    await node.inside(`mkdir -p /run/netns
      ln -s /proc/1/ns/net /run/netns/linked
      touch /run/netns/bound && mount --bind /proc/self/ns/net /run/netns/bound
      unshare --net=/run/netns/pod true || { touch /run/netns/pod; unshare --net=/run/netns/pod true; }`);
    const session = await greeted(open());
    session.send('1 test-network netns=linked\n2 test-network netns=bound\n3 test-network netns=pod\n');
    await answers(session, '= 3 0 ');
    for (const index of [1, 2]) expect(session.said.stdout).toContain(`= ${index} - 0 0 `);
    expect(session.said.stdout).toContain('is the network of this node itself: bound');
  });
});
