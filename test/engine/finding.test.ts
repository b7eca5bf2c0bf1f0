import { readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
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
