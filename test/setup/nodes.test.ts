/** Misconfigurations of nodes: one line a cause with all its nodes, and the command that removes it. */
import { expect, test } from '@jest/globals';
import { commands } from '../../src/commands/registry.ts';
import { checkNodes } from '../../src/setup/nodes.ts';
import { hidingTools } from '../cases/hidden-tools.ts';
import { helper, lost, names, nodes, on, settings, shellsThat, type Says } from './shells-that.ts';

test('nodes on which everything is there: one line', async () => {
  expect(
    await checkNodes(
      shellsThat(() => null),
      nodes,
      settings,
    ),
  ).toEqual([{ part: 'nodes', state: 'ok', text: '3 of 3 ready: node-a, node-b, node-c', next: null }]);
});

test('no command takes the value with which the helper is asked whether it knows it: so the helper refuses all', () => {
  expect(commands.length).toBeGreaterThan(50);
  for (const { id, argv, input } of commands)
    expect([id, [...argv, input ?? ''].filter((word) => word.includes('nothing:'))]).toEqual([id, []]);
});

test('nothing that writes runs, and nothing that asks for a value', async () => {
  const shells = shellsThat(() => null);
  await checkNodes(shells, nodes, settings);
  expect(shells.ran.length).toBeGreaterThan(10);
  expect(shells.ran.filter(({ command }) => command.writes)).toEqual([]);
});

test.each<[string, Says, string, RegExp, RegExp]>([
  [
    'a key that is refused',
    on(['node-b'], lost('ssh-refused', 'the key of bot was not accepted')),
    'node node-b',
    /does not accept the key of SSH_KEY_FILE/,
    /deploy\/node\/install KEY\.pub/,
  ],
  [
    'hosts that are not in known_hosts',
    on(['node-a', 'node-c'], (node) => lost('ssh-host-key', `its host key SHA256:${node} is not in known_hosts`)(node)),
    '2 of 3 nodes',
    /^its host key is not in FILE \(node-a, node-c\)$/,
    /ssh-keyscan/,
  ],
  [
    'a wrong known_hosts',
    on(['node-a'], lost('ssh-host-key', 'its host key SHA256:x is not the one in known_hosts')),
    'node node-a',
    /is not the one in FILE/,
    /compare the key/,
  ],
  [
    'a misnamed known_hosts',
    on(
      ['node-a'],
      lost(
        'ssh-host-key',
        'its host key SHA256:x is the key of another name in known_hosts: add a line that names this node',
      ),
    ),
    'node node-a',
    /is the key of another name in FILE$/,
    /name of the node in Kubernetes/,
  ],
  [
    'an sshd that does not listen',
    on(['node-a', 'node-b'], (node) =>
      lost('ssh-refused', `connect ECONNREFUSED 192.0.2.${names.indexOf(node) + 1}:22`)(node),
    ),
    '2 of 3 nodes',
    /sshd does not answer: connect ECONNREFUSED the node:22 \(node-a, node-b\)/,
    /timeout 5 bash -c '<\/dev\/tcp\/NODE\/22' && echo open/,
  ],
  [
    'no way to sshd',
    on(['node-a', 'node-b'], (node) =>
      lost('ssh-unreachable', `connect EHOSTUNREACH 192.0.2.${names.indexOf(node) + 1}:22 (a router has no way)`)(node),
    ),
    '2 of 3 nodes',
    /there is no way to sshd: connect EHOSTUNREACH the node:22 .*\(node-a, node-b\)/,
    /ip route get ADDRESS where the bot runs/,
  ],
  [
    'no way to sshd from the bastion',
    on(['node-a'], lost('ssh-unreachable', 'the bastion 192.0.2.9 opens no way there: No route to host')),
    'node node-a',
    /there is no way to sshd: the bastion 192\.0\.2\.9 opens no way there/,
    /ip route get ADDRESS on the bastion 192\.0\.2\.9/,
  ],
  [
    'no helper',
    on(
      ['node-a'],
      helper('the node helper did not start: sudo: /usr/local/bin/calico-chatops-node: command not found'),
    ),
    'node node-a',
    /the helper is not installed/,
    /deploy\/node\/install/,
  ],
  [
    'no sudoers',
    on(['node-a'], helper('the node helper did not start: sudo: a password is required')),
    'node node-a',
    /sudoers file is missing/,
    /deploy\/node\/install/,
  ],
  [
    'an outdated allow-list',
    on(['node-a', 'node-b'], (node, { command }) =>
      command.id === 'ip-rule-show' ? helper(`its helper refused: not in the allow-list: ${command.id}`)(node) : null,
    ),
    '2 of 3 nodes',
    /allow-list of the helper is outdated: it lacks ip-rule-show \(node-a, node-b\)/,
    /install KEY\.pub on the node again/,
  ],
  [
    'a helper of an older version, which refuses all that is tried',
    on(['node-a'], (node, { command }) => helper(`its helper refused: not in the allow-list: ${command.id}`)(node)),
    'node node-a',
    /allow-list of the helper is outdated/,
    /from this version/,
  ],
  [
    'no commands of fixes',
    on(['node-a'], (node, { command }) =>
      commands.some(({ id, writes }) => writes && id === command.id)
        ? helper(`its helper refused: not in the allow-list: ${command.id}`)(node)
        : null,
    ),
    'node node-a',
    /without the commands of fixes/,
    /without --no-fixes/,
  ],
])('%s', async (_, says, part, text, next) => {
  const wrong = (await checkNodes(shellsThat(says), nodes, settings)).filter(({ state }) => state !== 'ok');
  expect(wrong).toEqual([
    { part, state: 'limited', text: expect.stringMatching(text), next: expect.stringMatching(next) },
  ]);
});

test.each([
  ['tcpdump', /tcpdump is not installed on the node/, /apt-get install tcpdump/],
  ['ipset', /ipset is not installed on the node/, /apt-get install ipset/],
  ['curl', /curl is not installed on the node/, /apt-get install curl/],
  ['calicoctl', /calicoctl is not installed on the node/, /Copy calicoctl/],
])('no %s: one line for all nodes', async (tool, text, next) => {
  const wrong = (
    await checkNodes(
      hidingTools(
        shellsThat(() => null),
        [tool],
      ),
      nodes,
      settings,
    )
  ).filter(({ state }) => state !== 'ok');
  expect(wrong).toEqual([
    {
      part: '3 of 3 nodes',
      state: 'limited',
      text: expect.stringMatching(text),
      next: expect.stringMatching(next),
    },
  ]);
});

test('calicoctl without settings', async () => {
  const shells = hidingTools(
    shellsThat(() => null),
    ['calicoctl'],
    'unconfigured',
  );
  const wrong = (await checkNodes(shells, nodes, settings)).filter(({ state }) => state !== 'ok');
  expect(wrong).toEqual([
    expect.objectContaining({
      text: expect.stringMatching(/calicoctl on the node has no settings/),
      next: expect.stringMatching(/Write datastoreType .*calicoctl\.cfg/),
    }),
  ]);
});

test('nobody misses calicoctl where the API server has the objects of Calico', async () => {
  const shells = hidingTools(
    shellsThat(() => null),
    ['calicoctl'],
  );
  const found = await checkNodes(shells, nodes, { ...settings, needsCalicoctl: Promise.resolve(false) });
  expect(found.filter(({ state }) => state !== 'ok')).toEqual([]);
});

test('without any node the program is not usable', async () => {
  const says = lost('ssh-refused', 'the key of bot was not accepted');
  expect(
    await checkNodes(
      shellsThat((node) => says(node)),
      nodes,
      settings,
    ),
  ).toEqual([expect.objectContaining({ part: '3 of 3 nodes', state: 'failed' })]);
});
