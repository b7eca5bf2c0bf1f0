import { describe, expect, test } from '@jest/globals';
import { parse } from 'yaml';
import { keptOutput } from '../../../src/adapters/node-helper/kept-output.ts';

const command = (...argv: string[]) => ({ argv, timeoutSeconds: 1, maxBytes: 1 });

test('of a process, its number and its program, and whether it has ended', () => {
  const kept = keptOutput(
    command('pgrep', '-a', '-f', 'x'),
    '12 calico-felix --password hunter2\n7 /usr/bin/calico-node -felix\n9 [calico-felix] <defunct>\n10\n',
  );
  expect(kept).toBe('12 calico-felix\n7 /usr/bin/calico-node\n9 [calico-felix] <defunct>\n10\n');
});

describe("of Calico's objects, all but annotations", () => {
  const yaml = [
    'items:',
    '- kind: NetworkPolicy',
    '  metadata:',
    '    annotations:',
    '      a: "password=x"',
    '      b: |',
    '        annotations:',
    '',
    '        deeper',
    '    labels:',
    '      annotations: kept',
    '      auth-token: kept',
    '    name: a',
    '  spec:',
    "    selector: auth-token == 'x'",
    '- metadata:',
    '    name: b',
    '    annotations:',
    '      c: d',
    '',
  ].join('\n');
  test('in YAML', () => {
    const object: unknown = parse(keptOutput(command('calicoctl', 'get', 'x', '-o', 'yaml'), yaml));
    expect(object).toEqual({
      items: [
        {
          kind: 'NetworkPolicy',
          metadata: { labels: { annotations: 'kept', 'auth-token': 'kept' }, name: 'a' },
          spec: { selector: "auth-token == 'x'" },
        },
        { metadata: { name: 'b' } },
      ],
    });
  });
  test('in JSON', () => {
    const text = JSON.stringify({
      metadata: { annotations: { a: 'password=x' }, labels: { annotations: 'kept' }, name: 'a' },
    });
    expect(JSON.parse(keptOutput(command('calicoctl', 'get', 'x', '-o', 'json'), text))).toEqual({
      metadata: { labels: { annotations: 'kept' }, name: 'a' },
    });
  });
  test('what has none stays as it is, and so does every other command', () => {
    expect(keptOutput(command('calicoctl', 'get', 'x', '-o', 'yaml'), 'a: b\n')).toBe('a: b\n');
    expect(keptOutput(command('cat', 'x'), yaml)).toBe(yaml);
  });
});
