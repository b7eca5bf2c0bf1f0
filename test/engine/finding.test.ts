import { readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import type { FelixOfPod } from '../../src/model/fix-inputs.ts';
import { nodeName, programming, type Resource } from '../../src/model/resource.ts';
import { nodeNameMismatch } from '../../src/rules/felix/node-name-mismatch.ts';
import { podRouteMissing } from '../../src/rules/routes/pod-route-missing.ts';
import { outsideRouteMissing } from '../../src/rules/routes/outside-route-missing.ts';
import { fill, toFinding } from '../../src/engine/finding.ts';

test.each([
  ['Not compared: {why}. They end there.', 'no answer', 'Not compared: no answer. They end there.'],
  ['Not compared: {why}. They end there.', 'It is dead.', 'Not compared: It is dead. They end there.'],
  ['Not compared: {why}.', 'It is dead.', 'Not compared: It is dead.'],
  ['cat /etc/{why}.conf', 'a.', 'cat /etc/a..conf'],
  ['{why}', 'It is dead.', 'It is dead.'],
])('"%s" with "%s"', (template, why, text) => {
  expect(fill(template, { why })).toBe(text);
});

test('a placeholder without a value is refused', () => {
  expect(() => fill('{why}', {})).toThrow('no value for {why}');
});

test('no text ends with two full stops', () => {
  const texts = readFileSync(`${import.meta.dirname}/../golden/texts.md`, 'utf8').split('\n');
  expect(texts.filter((line) => /[^.]\.\.(?:\s|$)/.test(line))).toEqual([]);
});

test('advice about packets of IPv6 names commands that show what these meet', () => {
  const finding = {
    message: 'missing',
    data: { node: 'n1', address: 'fd00::1', words: 'Network is unreachable' },
    subject: { kind: 'Route', name: 'fd00::1' },
    node: 'n1',
    proof: 'read',
    evidence: [],
    stopsFlow: true,
  } as const;
  const commands = (family: 4 | 6) =>
    toFinding({ rule: outsideRouteMissing, finding }, undefined, family).advice?.commands.join('; ');
  expect(commands(6)).toContain('ip -6 route show to match fd00::1');
  expect(commands(4)).toContain('; ip route show to match fd00::1');
});

test('a button that cannot help before the cause is fixed is not offered, and that is said', () => {
  const common = { node: 'n1', proof: 'read', evidence: [], stopsFlow: true } as const;
  const finding = {
    ...common,
    message: 'missing',
    data: {
      node: 'n1',
      namespace: 'default',
      pod: 'mypod',
      address: '10.0.0.1',
      interface: 'cali1',
      taken: 'default',
      loop: '',
      siblings: '',
    },
    subject: { kind: 'Route', name: '10.0.0.1/32' },
    fixInput: {} as FelixOfPod,
  } as const;
  const cause = (withholds: readonly Resource[]) => ({
    rule: nodeNameMismatch,
    finding: {
      ...common,
      message: 'differs',
      data: { node: 'n1', felix: 'n1.example.com', plugin: 'n1' },
      subject: { kind: 'Node', name: 'n1' },
      withholds,
    } as const,
  });
  const told = (of: ReturnType<typeof cause> | null) => {
    const { fix, detail } = toFinding({ rule: podRouteMissing, finding, cause: of });
    return [fix?.id ?? null, /No button: .*/.exec(detail)?.[0] ?? ''];
  };
  expect(told(cause([nodeName('n1')]))).toEqual([
    null,
    'No button: it cannot help before this is fixed: Felix calls node n1 n1.example.com, and the CNI plugin calls it n1.',
  ]);
  expect(told(cause([programming('n1')]))).toEqual(['restart-felix', '']);
  expect(told(null)).toEqual(['restart-felix', '']);
});
