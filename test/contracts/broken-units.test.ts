/** What every kind of unit declares is checked when the program starts: each row breaks one kind. */
import { readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { checkCommands } from '../../src/commands/lib/check-commands.ts';
import { commands } from '../../src/commands/registry.ts';
import { checkComputed } from '../../src/computed/lib/check-computed.ts';
import { computed } from '../../src/computed/registry.ts';
import { checkTogether } from '../../src/engine/check-together.ts';
import { checkFixes } from '../../src/fixes/kit/check-fixes.ts';
import { fixes } from '../../src/fixes/registry.ts';
import type { ApiRead } from '../../src/model/api-reads.ts';
import { resourceKinds } from '../../src/model/resource.ts';
import { checkProbes } from '../../src/probes/lib/check-probes.ts';
import { probes } from '../../src/probes/registry.ts';
import { checkRules } from '../../src/rules/lib/check-rules.ts';
import { rules } from '../../src/rules/registry.ts';
import { checkTunnels } from '../../src/tunnels/check-tunnels.ts';
import { tunnels } from '../../src/tunnels/registry.ts';

/** The registered units, of which one declares something else. */
const instead = <U extends { readonly id: string }>(units: readonly U[], id: string, change: object): readonly U[] => {
  expect(units.map((one) => one.id)).toContain(id);
  return units.map((one) => (one.id === id ? { ...one, ...change } : one));
};
const all = { probes, computed, rules, fixes };
const reading = (read: Partial<ApiRead>) => () =>
  checkProbes(instead(probes, 'namespace', { reads: [{ verb: 'get', apiVersion: 'v1', kind: 'Namespace', ...read }] }));
const command = (change: object) => () => checkCommands(instead(commands, 'ip-addr-show', change));
const probe = (id: string, change: object) => () => checkProbes(instead(probes, id, change));
const rule = (change: object) => () => checkRules(instead(rules, 'pod-route-missing', change));
const fix = (id: string, change: object) => () => checkFixes(instead(fixes, id, change));
const [ipip, vxlan, none] = tunnels as [(typeof tunnels)[0], (typeof tunnels)[0], (typeof tunnels)[0]];

test('what is registered is checked before anybody has it, and fits together', () => {
  expect(checkTogether(all)).toBe(all);
  for (const [room, check] of [
    ['commands', 'checkCommands'],
    ['probes', 'checkProbes'],
    ['computed', 'checkComputed'],
    ['rules', 'checkRules'],
    ['fixes', 'checkFixes'],
    ['tunnels', 'checkTunnels'],
  ]) {
    const registry = readFileSync(new URL(`../../src/${room}/registry.ts`, import.meta.url), 'utf8');
    expect(registry).toMatch(new RegExp(`^export const ${room}: readonly \\w+\\[\\] = ${check}\\(\\[`, 'm'));
  }
  for (const start of ['compose-worker', 'cli/diagnose', 'cli/fix'])
    expect(readFileSync(new URL(`../../src/${start}.ts`, import.meta.url), 'utf8')).toMatch(/compose-units\.ts'/);
});

test.each<[kind: string, broken: () => unknown, offender: string]>([
  ["a command's id", command({ id: 'ip route' }), 'ip route: not an id'],
  ["a command's id that is there twice", command({ id: 'ip-route-show' }), 'two commands have the id ip-route-show'],
  ["a command's time", command({ timeoutSeconds: 61 }), 'ip-addr-show: needs 1 to 60 seconds'],
  ["a command's placeholder", command({ argv: ['ip', '{to:place}'] }), '{to:place}: no such type'],
  ['a read of no version', reading({ apiVersion: 'core' }), 'namespace declares a read of Namespace in core, which is'],
  ['a read of no kind', reading({ kind: 'namespaces' }), 'in v1, which is not a kind'],
  ['a read of no name', reading({ names: [] }), 'with no names, so of nothing'],
  ['a read of a log that there is not', reading({ subresource: 'log' }), 'which has no log'],
  ['a read that would create', reading({ verb: 'create' }), 'namespace declares a read of Namespace in v1, and would'],
  ["a probe's id", probe('namespace', { id: 'Namespace' }), 'Namespace is not an id'],
  ["a probe's fact", probe('namespace', { provides: ['pod'] }), 'provides pod, as '],
  ['a probe without a fact', probe('namespace', { provides: [] }), 'namespace provides nothing'],
  ["a probe's node", probe('calico-endpoint', { runsOn: [] }), 'calico-endpoint has commands and no node'],
  [
    "a probe's commands",
    probe('node-routes', { commands: commands.filter(({ writes }) => writes).slice(0, 1) }),
    'which writes',
  ],
  ["a probe's moment", probe('marked-flows', { moment: 'first' }), 'marked-flows sends packets and does not say when'],
  [
    'a computed fact that follows from itself',
    () => checkComputed(instead(computed, 'flow', { needs: ['passage'] })),
    'flow follows from itself',
  ],
  ["a rule's id", rule({ id: 'Pod Route' }), 'Pod Route is not an id'],
  ["a rule's step", rule({ step: 'kitchen' }), 'pod-route-missing belongs to the step kitchen, which is not there'],
  ["a rule's advice", rule({ advice: { who: 'x', commands: [] } }), 'pod-route-missing says nothing that a person'],
  ["a rule's fix", rule({ fix: 'restart-felix', adviceOnly: 'x' }), 'offers a fix, and says why there is none'],
  [
    'a resource that nobody withholds',
    () => checkRules(instead(rules, 'tunnel-device-down', { withholds: [] })),
    'no rule withholds tunnel',
  ],
  [
    'a resource of a cause to come that has come',
    () => checkRules(rules, { ...resourceKinds, tunnel: { means: '', withheldLater: ['tunnel-device-down'] } }),
    'tunnel names tunnel-device-down as a cause to come',
  ],
  ["a fix's id", fix('restart-felix', { id: 'create-pod-profile' }), 'create-pod-profile is there twice'],
  ['what is watched around a fix', fix('restart-felix', { controls: [] }), 'restart-felix watches too little'],
  [
    'what a fix does to traffic',
    fix('restart-felix', { during: { seconds: 5, traffic: '' } }),
    'restart-felix does not say how long it takes and what stops',
  ],
  [
    'objects around a fix that nobody names',
    fix('restart-felix', {
      controls: [
        { fact: 'reachability', watches: 'ways' },
        { fact: 'objects', watches: 'profiles' },
      ],
    }),
    'restart-felix must name the objects that it watches',
  ],
  [
    'a right of a fix',
    fix('restart-felix', { permissions: [{ group: '', resource: 'pods', verbs: ['*'] }] }),
    'restart-felix asks for the right to * of pods',
  ],
  ["a tunnel's place", () => checkTunnels([none, ipip, vxlan]), 'none has no device and is not the last'],
  ["a tunnel's kind", () => checkTunnels([ipip, ipip, none]), 'ipip is there twice; ipip has the device tunl0'],
  ["a tunnel's header", () => checkTunnels([{ ...ipip, headerBytes: 0 }, none]), 'ipip adds 0 bytes'],
  [
    'a fact that no probe provides',
    () => checkTogether({ ...all, probes: probes.filter(({ id }) => id !== 'node-routes') }),
    'nobody provides routes@target for ',
  ],
  [
    'a fact of a node that is asked for without a place',
    () => checkTogether({ ...all, rules: instead(rules, 'pod-route-missing', { requires: ['routes'] }) }),
    'nobody provides routes for pod-route-missing',
  ],
  [
    'a fix that there is not',
    () => checkTogether({ ...all, fixes: fixes.filter(({ id }) => id !== 'restart-felix') }),
    'offers restart-felix, which is not a fix',
  ],
  [
    'what a fix watches',
    () => checkTogether({ ...all, probes: probes.filter(({ id }) => id !== 'policy-denied-flow') }),
    'nobody provides denied-flow for ',
  ],
])('refuses %s, and names it', (_, broken, offender) => {
  expect(broken).toThrow(offender);
});
