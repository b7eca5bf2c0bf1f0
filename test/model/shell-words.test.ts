/** What a person pastes: names of others are words to a real shell, wherever they stand. */
import { execFileSync } from 'node:child_process';
import { globSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { expect, test } from '@jest/globals';
import { fillCommand } from '../../src/engine/finding.ts';
import { listRule } from '../../src/model/list-rule.ts';
import type { PlacedRule } from '../../src/model/ruleset/places.ts';
import { placeBehind, shellCommand, shellWord } from '../../src/model/shell-words.ts';

const hostile = [
  '$(echo ran)',
  '`echo ran`',
  "x';echo ran;'",
  'x";echo ran;"',
  'x;echo ran',
  'a|echo ran',
  'a&echo ran',
  '$HOME',
  '*',
  'a b',
  '#x',
  String.raw`\x`,
  '(echo ran)',
  '-x > /dev/full',
];

/** The words that a shell makes of a command's arguments. */
function wordsOf(args: string): readonly string[] {
  const printed = execFileSync('bash', ['-c', String.raw`printf '%s\n' ` + args], { encoding: 'utf8' });
  return printed.split('\n').slice(0, -1);
}

test.each(hostile)('%s is one word to a shell: bare, in quotes and between other text', (name) => {
  const data = { name };
  expect(wordsOf(fillCommand('{name}', data))).toEqual([name]);
  expect(wordsOf(fillCommand("'-A {name} '", data))).toEqual([`-A ${name} `]);
  expect(wordsOf(fillCommand('"</dev/tcp/{name}/179"', data))).toEqual([`</dev/tcp/${name}/179`]);
  expect(wordsOf(fillCommand('net/{name}/forwarding', data))).toEqual([`net/${name}/forwarding`]);
  expect(wordsOf(shellCommand`dev ${name} up`)).toEqual(['dev', name, 'up']);
});

test.each(hostile)('a rule in the chain %s is listed by a command that runs nothing else', (chain) => {
  const rule = { backend: 'iptables-legacy', family: 'ip', table: 'filter', chain, text: '-A X -j DROP' };
  for (const [index, place] of [
    [0, `^:${chain} `],
    [1, `-A ${chain} `],
  ] as const) {
    const [, pattern = ''] = listRule({ ...rule, index } as PlacedRule).split('grep ');
    expect(wordsOf(pattern)).toEqual(['--', place]);
  }
  const listed = listRule({ ...rule, backend: 'nftables', index: 1, text: 'drop' } as PlacedRule);
  expect(wordsOf(listed)).toEqual(['nft', '-a', 'list', 'chain', 'ip', 'filter', chain]);
});

test.each(hostile)('%s in a comment does nothing in a shell without comments, and begins no line', (name) => {
  const [, comment = ''] = fillCommand('true   # on {name}: is it up', { name: `${name}\nid` }).split('# on ');
  expect(comment).not.toContain('\n');
  expect(comment).toMatch(/^'.*': is it up$/);
});

test('a usual name stands as it is', () => {
  for (const name of ['cali12ab', 'node-a.example', 'kube-system/x', '10.0.0.1/32', 'fd00::1', 'k8s-app=calico-node'])
    expect(shellWord(name)).toBe(name);
  expect(fillCommand('ip link show {device}   # on {node}', { device: 'eth0', node: 'two words' })).toBe(
    'ip link show eth0   # on two words',
  );
});

test.each([
  ['ip link show ', 'bare'],
  ["grep '", 'single'],
  ["grep 'it' ", 'bare'],
  [String.raw`grep "a\"b`, 'double'],
  ['ip link   # on ', 'comment'],
  ["grep '#", 'single'],
  ['a#', 'bare'],
])('behind %s a word stands %s', (text, place) => {
  expect(placeBehind(text)).toBe(place);
});

test('no command of a node that is told puts in a name as it is', () => {
  const root = resolve(import.meta.dirname, '../..');
  const unquoted = /(?<!shellCommand)`(?:ip|ip6tables|iptables|ipset|nft|sysctl|tc|bridge) [^`$]{0,200}\$\{(?!inside)/g;
  const subjects = /name: [^\n]{0,100}$/;
  const found = globSync('src/{fixes,rules,engine,model}/**/*.ts', { cwd: root }).flatMap((path) => {
    const text = readFileSync(`${root}/${path}`, 'utf8');
    const own = [...text.matchAll(unquoted)].filter(({ index }) => !subjects.test(text.slice(0, index)));
    return own.map(([match]) => `${path}: ${match}`);
  });
  // Its protocol is a number of ours, and the address of a failure is one that was read as such.
  expect(found.toSorted()).toEqual([
    'src/model/blind-spots.ts: `ip route get ${',
    'src/rules/lib/lost-between-nodes.ts: `ip proto ${',
  ]);
});
