import { describe, expect, test } from '@jest/globals';
import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { allowLists } from '../../scripts/generate/allow-list.ts';
import { commands } from '../../src/commands/registry.ts';
import type { Command } from '../../src/model/command.ts';

const look: Command = {
  id: 'ip-route-get',
  argv: ['ip', 'route', 'get', '{to:address}'],
  timeoutSeconds: 5,
  maxBytes: 1000,
};
const one = (change: Partial<Command>) => () => allowLists([{ ...look, ...change }]);

const committed = (name: string) => readFile(resolve(import.meta.dirname, '../../deploy/node', name), 'utf8');

describe("the node's allow-list", () => {
  test('the committed files are those of the commands', async () => {
    expect(allowLists(commands)).toEqual({
      reading: await committed('allow-list'),
      fixing: await committed('allow-list.fixes'),
    });
  });

  test('a line holds the id, the limits and the tokens', () => {
    const { reading } = allowLists([look]);
    expect(reading).toContain('\nip-route-get\t5\t1000\t-\t-\tip\troute\tget\t{to:address}\n');
    expect(reading).toContain('\ntype\tuid\t^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$\n');
    expect(reading).toContain('\ntype\tinterface\t^[A-Za-z0-9][A-Za-z0-9_.-]{0,14}$\tnetwork-device\n');
  });

  test('only what writes is in the other file', () => {
    const { reading, fixing } = allowLists([
      look,
      { ...look, id: 'tee', argv: ['tee'], writes: true, input: '{"to":"{to:address}"}' },
    ]);
    expect(reading).toContain('\nip-route-get\t');
    expect(reading).not.toContain('tee');
    expect(fixing).toMatch(/\ntee\t5\t1000\t-\t\{"to":"\{to:address\}"\}\ttee\n$/);
    expect(fixing).not.toContain('ip-route-get');
  });

  test.each([
    ['an id of a probe', { id: 'probe/look' }],
    ['an id that a pattern could read', { id: 'ip.*' }],
    ['no command', { argv: [] }],
    ['an unknown type', { argv: ['ip', '{x:nonsense}'] }],
    ['one name of two types', { argv: ['ip', '{x:address}', '{x:number}'] }],
    ['a tab', { argv: ['printf', 'a\tb'] }],
    ['a line end', { argv: ['printf', 'a\nb'] }],
    ['an empty token', { argv: ['printf', ''] }],
    ['no time', { timeoutSeconds: 0 }],
    ['too much time', { timeoutSeconds: 61 }],
    ['too much output', { maxBytes: 40_000_000 }],
    ['a name inside a script', { argv: ['sh', '-c', 'ip link show {link:interface}'] }],
    ['a value that chooses the program', { argv: ['{to:name}'] }],
    ['an input that is not a document', { input: 'kind: {word:name}' }],
    ['an input with a value outside a string', { input: '{"size":{size:number}}' }],
    ['an input that is one value', { input: '"{word:name}"' }],
    ['an input of two lines', { input: '{"word":\n"{word:name}"}' }],
    ['a list among the tokens', { argv: ['ip', '{,labels:nslabel}'] }],
    ['a list of single values', { input: '{"a":"b"{,names:name}}' }],
    ['a pair as one value', { input: '{"a":"{label:nslabel}"}' }],
    ["a name inside a script of a command's command", { argv: ['timeout', '1', '/bin/bash', '-c', 'echo {to:name}'] }],
  ])('%s is refused', (_, change) => {
    expect(one(change)).toThrow(TypeError);
  });

  test('two commands of one id, and one command under two ids, are refused', () => {
    expect(() => allowLists([look, { ...look, argv: ['ip', 'link'] }])).toThrow(
      'two commands have the id ip-route-get',
    );
    expect(() => allowLists([look, { ...look, id: 'ip-route-get-again' }])).toThrow(
      'ip-route-get-again and ip-route-get are one command',
    );
    expect(() => allowLists([look, { ...look, id: 'ip-link', argv: ['ip', 'link'] }])).not.toThrow();
  });

  test('a value as an argument of a script is taken, and digits and dots inside one', () => {
    expect(one({ argv: ['bash', '-c', 'exec 3<>/dev/tcp/{to:address}/{port:number}'] })).not.toThrow();
    expect(one({ argv: ['sh', '-c', 'ip route get "$1"', 'sh', '{to:address}'] })).not.toThrow();
  });
});
