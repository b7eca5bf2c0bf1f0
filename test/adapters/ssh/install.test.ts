/** deploy/node's install and uninstall, on a node with an OpenSSH server. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { readdirSync } from 'node:fs';
import { resolve } from 'node:path';
import { commands } from './node-commands.ts';
import { startTestNode, type TestNode } from './test-node.ts';
import { describeAsRoot } from '../../support/as-root.ts';

const home = '/var/lib/calico-chatops';
const keys = `${home}/.ssh/authorized_keys`;
const forced = 'restrict,command="/usr/bin/sudo -n /usr/local/bin/calico-chatops-node"';
/** Everything that an installation could leave: files with owner, mode and content, and the accounts. */
const traces = `cd / && { find etc usr/local/bin var/lib run ! -type d -printf '%p %u %m %l\\n' -o -printf '%p %u %m\\n'; find etc usr/local/bin var/lib run -type f -print0 | xargs -0 cksum; } |
  grep -Ev '(^| )etc/(passwd|shadow|group|gshadow|subuid|subgid)-?( |$)|(^| )etc/\\.pwd\\.lock' | sort; cat etc/passwd etc/group etc/shadow etc/gshadow`;

describeAsRoot('deploy/node', () => {
  let node: TestNode;
  let key: string;
  const install = (args: string) => node.inside(`sh ${node.deploy}/install ${args} 2>&1; echo "exit $?"`);
  const uninstall = () => node.inside(`sh ${node.deploy}/uninstall 2>&1; echo "exit $?"`);
  const write = (path: string, text: string) =>
    node.inside(`printf '%s' '${Buffer.from(text).toString('base64')}' | base64 -d >${path}`);

  beforeAll(async () => {
    node = await startTestNode(commands);
    key = (await node.inside(`cat ${node.keyFile}.pub`)).trim();
  }, 60_000);
  afterAll(() => node.stop());
  beforeEach(() => install(`${node.keyFile}.pub`));

  test('the folder holds what the table of its README names', async () => {
    const readme = await node.inside(`cat ${node.deploy}/README.md`);
    for (const file of readdirSync(resolve(import.meta.dirname, '../../../deploy/node')))
      if (file !== 'README.md') expect(readme).toContain(`\`${file}\``);
  });

  describe('install', () => {
    test('says what it did, and gives the key one program', async () => {
      const said = await install(`${node.keyFile}.pub`);
      expect(said).toContain('one key, which starts /usr/local/bin/calico-chatops-node and nothing else');
      expect(said.trim().split('\n').length).toBeLessThanOrEqual(6);
      expect(said).toMatch(/exit 0\n$/);
      expect(await node.inside(`cat ${keys}`)).toBe(`${forced} ${key.split(' ').slice(0, 2).join(' ')}\n`);
      expect(
        await node.inside(
          `find ${home} /etc/calico-chatops /usr/local/bin/calico-chatops-node ! -user root -o -perm /022 | cat`,
        ),
      ).toBe('');
    });

    test('may run again, and then changes nothing', async () => {
      const before = await node.inside(traces);
      expect(await install(`${node.keyFile}.pub`)).toMatch(/^changed {4}nothing\n[^]*exit 0\n$/m);
      expect(await node.inside(traces)).toBe(before);
    });

    test('takes a replaced key away, and who came in with it', async () => {
      await node.inside(
        `ssh-keygen -q -t ed25519 -N '' -f /run/other; nohup su -s /bin/sh calico-chatops -c 'exec sleep 987' >/dev/null 2>&1 & until pgrep -f '[s]leep 987' >/dev/null; do :; done`,
      );
      await install('/run/other.pub');
      expect(await node.inside(`cat ${keys}`)).not.toContain(key.split(' ')[1]);
      expect(await node.inside("pgrep -f '[s]leep 987'; true")).toBe('');
      await node.inside('rm /run/other /run/other.pub');
    });

    test('replaces a home that the account may write, with all that stood in it', async () => {
      // As earlier versions left it, and what a thief of the key could have added.
      await node.inside(`chown -R calico-chatops: ${home} && cp ${node.keyFile}.pub ${keys} && echo 'ssh-ed25519 AAAA thief' >>${keys} &&
        cp ${keys} ${keys}2 && echo 'touch /run/evil' | tee ${home}/.ssh/rc ${home}/.profile ${home}/.ssh/environment >/dev/null && chown -R calico-chatops: ${home} &&
        mkdir -p /var/spool/cron/crontabs && echo '* * * * * touch /run/evil' >/var/spool/cron/crontabs/calico-chatops`);
      expect(await install(`${node.keyFile}.pub`)).toMatch(/exit 0\n$/);
      expect(await node.inside(`find ${home} -printf '%p %u %m\\n' | sort`)).toBe(
        `${home} root 755\n${home}/.ssh root 755\n${keys} root 644\n`,
      );
      expect(await node.inside(`cat ${keys}`)).not.toContain('thief');
      expect(await node.inside('ls /var/spool/cron/crontabs')).toBe('');
    });

    test('--from restricts where the key may come from', async () => {
      expect(await install(`--from '10.0.0.0/8,*.ops.example.com' ${node.keyFile}.pub`)).toContain(
        'from 10.0.0.0/8,*.ops.example.com',
      );
      expect(await node.inside(`cat ${keys}`)).toContain(`${forced},from="10.0.0.0/8,*.ops.example.com" ssh-ed25519 `);
    });

    test('--no-fixes leaves the commands out that change something, also where they were before', async () => {
      expect(await node.inside('ls /etc/calico-chatops')).toBe('allow-list\nallow-list.fixes\n');
      expect(await install(`--no-fixes ${node.keyFile}.pub`)).toContain('(read only)');
      expect(await node.inside('ls /etc/calico-chatops')).toBe('allow-list\n');
    });

    test('--sshd-config is refused where sshd would not read it', async () => {
      const before = await node.inside(
        `cp -p /etc/ssh/sshd_config /run/sshd_config; sed -i /^Include/d /etc/ssh/sshd_config; ${traces}`,
      );
      expect(await install(`--sshd-config ${node.keyFile}.pub`)).toMatch(/by hand\nexit 2\n$/);
      expect(await node.inside(traces)).toBe(before);
      await node.inside('mv /run/sshd_config /etc/ssh/sshd_config');
    });

    test.each([
      ['no key', '', 'the public key file is missing'],
      ['a misspelt option', '--no-fix KEY', 'unknown option: --no-fix'],
      ['a word behind the key', 'KEY no-fixes', 'a second word: no-fixes'],
      ['an option without its value', 'KEY --from', '--from needs'],
      ['options in the addresses', '--from \'10.0.0.1",command="sh\' KEY', 'not a list of addresses'],
      ['an empty list of addresses', "--from '' KEY", 'not a list of addresses'],
      ['a list with a gap', '--from 10.0.0.1,,10.0.0.2 KEY', 'not a list of addresses'],
      ['an option in the place of the addresses', '--from --no-fixes KEY', 'not a list of addresses: --no-fixes'],
      ['addresses that accept nobody', "--from '!10.0.0.1,!10.0.0.2' KEY", 'a list that accepts no address'],
      ['a file that is not there', '/run/nothing', 'cannot be read'],
      ['a folder', '/run', 'cannot be read'],
      ['a private key', 'PRIVATE', 'is a private key'],
    ])('refuses %s, and changes nothing', async (_, args, why) => {
      const before = await node.inside(traces);
      const said = await install(args.replace('KEY', `${node.keyFile}.pub`).replace('PRIVATE', node.keyFile));
      expect(said).toContain(why);
      expect(said).toMatch(/exit 2\n$/);
      expect(await node.inside(traces)).toBe(before);
    });

    test.each([
      ['an empty file', ''],
      ['blank lines', '\n\n'],
      ['two keys', 'KEY\nKEY\n'],
      ['a key with options before it', 'command="/bin/sh" KEY\n'],
      ['an option glued to the type', 'no-pty,KEY\n'],
      [
        'a key of an unknown type',
        'ssh-dss AAAAB3NzaC1kc3MAAACBAP1/U4EddRIpUt9KnC7s5Of2EbdSPO9EAMMeP4C2USZpRV1AIlH7\n',
      ],
      [
        'a certificate',
        'ssh-ed25519-cert-v01@openssh.com AAAAB3NzaC1kc3MAAACBAP1/U4EddRIpUt9KnC7s5Of2EbdSPO9EAMMeP4C2USZpRV1AIlH7\n',
      ],
      ['a carriage return', 'KEY\r\n'],
    ])('refuses %s for a key, and changes nothing', async (_, text) => {
      await write('/run/refused.pub', text.replaceAll('KEY', key));
      const before = await node.inside(traces);
      expect(await install('/run/refused.pub')).toMatch(/exit 2\n$/);
      expect(await node.inside(traces)).toBe(before);
      await node.inside('rm /run/refused.pub');
    });
  });

  test('uninstall leaves nothing of an installation, and may run again', async () => {
    expect(await uninstall()).toMatch(/exit 0\n$/);
    const before = await node.inside(traces);
    expect(before).not.toMatch(/chatops(?!-node-)/);
    await install(`--sshd-config ${node.keyFile}.pub`);
    await node.inside('echo "1 test-who" | /usr/local/bin/calico-chatops-node');
    await node.inside(
      `nohup su -s /bin/sh calico-chatops -c 'exec sleep 986' >/dev/null 2>&1 & until pgrep -f '[s]leep 986' >/dev/null; do :; done`,
    );
    expect(await node.inside(traces)).not.toBe(before);
    expect(await uninstall()).toMatch(/exit 0\n$/);
    expect(await node.inside(traces)).toBe(before);
    expect(await node.inside("pgrep -f '[s]leep 986'; true")).toBe('');
    expect(await uninstall()).toMatch(/exit 0\n$/);
    expect(await node.inside(traces)).toBe(before);
  });
});
