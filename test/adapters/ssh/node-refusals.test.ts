/** What the node refuses to run, and whom the program refuses to talk to. */
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { run } from '../../../tools/lab/run.ts';
import { freePort } from '../../../tools/lab/free-port.ts';
import { describeAsRoot } from '../../support/as-root.ts';
import { commands } from './node-commands.ts';
import { address, failing, look, node, shells, start, wire, withNode } from './one-node.ts';

const newHostKey = async (kind: string) =>
  (
    await run([
      'sh',
      '-c',
      `d=$(mktemp -d) && ssh-keygen -qt ${kind} -N "" -f $d/k && cut -d" " -f1,2 $d/k.pub; rm -r $d`,
    ])
  ).trim();

/** What the helper answers to these lines, whoever sends them. */
const raw = async (lines: string): Promise<string> => {
  await node.inside(`printf '%s' '${Buffer.from(lines).toString('base64')}' | base64 -d > /run/requests`);
  return node.inside('/usr/local/bin/calico-chatops-node < /run/requests');
};

describeAsRoot('a real node', () => {
  withNode();

  describe('what is refused', () => {
    test.each([
      ['a command separator', { word: 'x;id' }],
      ['a substitution', { word: '$(id)' }],
      ['a line end', { word: 'x\n2 test-who' }],
      ['a space', { word: 'x y' }],
      ['an option', { word: '-x' }],
      ['nothing', {}],
      ['a value too many', { word: 'x', other: 'y' }],
    ])('%s as a value, before it is sent', (_, params) => {
      expect(() => start(shells, 'say', params)).toThrow(TypeError);
    });

    test.each(['x;id', '$(id)', '`id`', '-x', '../x', 'x|y', "x'", '*', '{word:name}'])(
      'the value %s, by the node itself',
      async (value) => {
        expect(await raw(`1 test-say word=${value}\n`)).toMatch(/= 1 - 0 0 \d+ refused\n.*not of its type/s);
      },
    );

    test('a line end in a value is another request, which is checked as such', async () => {
      expect(await raw('1 test-say word=x\nid\n')).toMatch(/= 0 - 0 0 \d+ refused\nnot a request/);
    });

    test.each([
      ['1 test-nothing', 'not in the allow-list'],
      ['1 type', 'not in the allow-list'],
      ['1 test-say', 'no value for word'],
      ['1 test-say word=x word=y', 'word is given twice'],
      ['1 test-say word', 'not understood: word'],
      ['1 test-say word=x extra=y', 'takes no extra'],
      ['1 test-say word=x stdin=AAAA', 'takes no stdin'],
      ['1 test-read word=x labels= stdin=AAAA', 'takes no stdin'],
      ['1 test-read word=x', 'no value for labels'],
      ['1 test-read word=x labels=pcns.a=b,pcns.a=c', 'pcns.a is given twice'],
      ['1 test-read word=x labels=pcsa.a=b', 'labels is not of its type'],
      ['1 test-read word=x labels=pcns.a=b","x":"y', 'labels is not of its type'],
      ['1 test-read word=x"} labels=', 'word is not of its type'],
      [
        `1 test-read word=x labels=${Array.from({ length: 65 }, (_, index) => `pcns.l${index}=x`).join(',')}`,
        'more than 64 values',
      ],
      [`1 test-say ${Array.from({ length: 15 }, (_, index) => `w${index}=x`).join(' ')}`, 'too many values'],
      ['1 test-@', 'not in the allow-list'],
      ['1 test/who', 'not in the allow-list'],
      ['1 @', 'not in the allow-list'],
      ['1 test-filter from=10.0.0.x port=80', 'from is not of its type'],
      ['1 test-filter from=fd00:42:0::42 port=80', 'from is never fd00:42:0::42'],
      ['1 test-filter from=10.0.0.1 port=123456', 'port is not of its type'],
      ['a[$(touch /run/evil)] test-who', 'not a request'],
      ['stop a[$(touch /run/evil)]', 'not a request'],
    ])('%s', async (line, why) => {
      expect(await raw(`${line}\n`)).toContain(why);
      expect(await node.inside('ls /run')).not.toContain('evil');
    });

    test("a template that the node does not have names the remedy's place", async () => {
      const foreign = shells
        .shell(address)
        .start({ command: { ...commands.who, id: 'test-nothing' }, moment: 'first', params: {} });
      await expect(foreign.result).rejects.toMatchObject({
        code: 'node-helper-missing',
        message: expect.stringContaining('not in the allow-list: test-nothing'),
      });
      expect((await look(shells, 'who')).exit).toBe(0);
    });
  });

  describe('who is not talked to', () => {
    test('a host without an entry in known_hosts, with the fingerprint to compare', async () => {
      const print = (await run(['sh', '-c', `echo '${node.hostKey}' | ssh-keygen -lf - | cut -d' ' -f2`])).trim();
      const error = await failing({ knownHosts: '' });
      expect(error).toMatchObject({ code: 'ssh-host-key' });
      expect(error.message).toContain(`${print} is not in known_hosts`);
    });

    test('a host whose key has changed', async () => {
      const other = await newHostKey('ed25519');
      expect(await failing({ knownHosts: `[127.0.0.1]:${wire.port} ${other}\n` })).toMatchObject({
        code: 'ssh-host-key',
        message: expect.stringContaining('is not the one in known_hosts'),
      });
    });

    test('a host whose key is revoked', async () => {
      const line = `[127.0.0.1]:${wire.port} ${node.hostKey}\n`;
      expect(await failing({ knownHosts: `${line}@revoked ${line}` })).toMatchObject({
        code: 'ssh-host-key',
        message: expect.stringContaining('revoked'),
      });
    });

    test('a host that has no key of the kind on file', async () => {
      const other = await newHostKey('ecdsa');
      expect(await failing({ knownHosts: `[127.0.0.1]:${wire.port} ${other}\n` })).toMatchObject({
        code: 'ssh-host-key',
        message: expect.stringContaining('ecdsa-sha2-nistp256'),
      });
    });

    test('a port where nobody listens', async () => {
      expect(await failing({ port: await freePort() })).toMatchObject({
        code: 'ssh-refused',
        message: expect.stringContaining('ECONNREFUSED'),
      });
    });

    test('a login that is not let in', async () => {
      expect(
        await failing({
          user: 'root',
          privateKey: await run([
            'sh',
            '-c',
            'd=$(mktemp -d) && ssh-keygen -qt ed25519 -N "" -f $d/k && cat $d/k; rm -r $d',
          ]),
        }),
      ).toMatchObject({ code: 'ssh-refused' });
    });

    describe('a node whose helper is not the one that was installed', () => {
      const helper = '/usr/local/bin/calico-chatops-node';
      const replace = (script: string) =>
        node.inside(
          `printf '%s\n' '#!/bin/sh' '${script}' >${helper}.new && chmod 755 ${helper}.new && mv ${helper}.new ${helper}`,
        );
      beforeEach(() => node.inside(`cp -p ${helper} /run/whole`));
      afterEach(() => node.inside(`mv /run/whole ${helper}`));

      test('it is missing: what sudo said is told', async () => {
        await node.inside(`rm ${helper}`);
        expect(await failing({})).toMatchObject({
          code: 'node-helper-missing',
          message: expect.stringContaining('command not found'),
        });
      });

      test('it says why it does not start', async () => {
        await replace('echo no room >&2; exit 4');
        expect(await failing({})).toMatchObject({
          code: 'node-helper-missing',
          message: expect.stringContaining('no room'),
        });
      });

      test('it does not greet in time', async () => {
        await replace('exec sleep 20');
        expect(await failing({ connectTimeoutMs: 1000 })).toMatchObject({ code: 'timeout' });
      });
    });
  });
});
