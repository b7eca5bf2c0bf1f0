/** What belongs to one kind of tunnel stands in its file alone: a new kind is a new file. */
import { expect, test } from '@jest/globals';
import { globSync, readFileSync } from 'node:fs';
import { tunnels } from '../../src/tunnels/registry.ts';

const root = `${import.meta.dirname}/../../`;
const escaped = (text: string) => text.replaceAll('.', String.raw`\.`);
/** Devices and ports of every kind, and how people, tcpdump and packet filters spell the protocol of IP in IP. */
const names = new RegExp(
  [
    ...tunnels.flatMap(({ device }) => (device ? [escaped(device.name)] : [])),
    ...tunnels.flatMap(({ port }) => (port === null ? [] : [String.raw`\b${port}\b`])),
    ...tunnels.flatMap(({ device, kind }) => (device ? [`'${kind}'`] : [])),
    String.raw`\bipencap\b`,
    String.raw`\bproto(?:col)?[ =]+4\b`,
    String.raw`\bIP[ -]in[ -]IP\b`,
    String.raw`\b(?:ipip|vxlan)Mode\b`,
  ].join('|'),
  'i',
);
/** The kinds and modes, names of protocols, the fields of Calico's objects, the texts of Felix's own rules. */
const exempt: readonly string[] = [
  'src/calico/v1-objects.ts',
  'src/computed/encapsulation.ts',
  'src/model/encapsulation.ts',
  'src/model/network.ts',
  'src/model/protocols.ts',
  'src/model/calico.ts',
  'src/model/stored-event.ts',
  'src/probes/datastore/calico-datastore.ts',
  'src/ruleset/felix/',
];

const files = globSync('src/**/*.ts', { cwd: root }).map((file) => ({ file, text: readFileSync(root + file, 'utf8') }));
const naming = files.filter(({ text }) => names.test(text)).map(({ file }) => file);

test('a tunnel is named in src/tunnels/ and where texts of others are spelled, nowhere else', () => {
  expect(
    naming.filter((file) => !file.startsWith('src/tunnels/') && !exempt.some((start) => file.startsWith(start))),
  ).toEqual([]);
});

test('the search finds the tunnels themselves, and every exemption is needed', () => {
  expect(naming).toEqual(expect.arrayContaining(['src/tunnels/ipip.ts', 'src/tunnels/vxlan.ts']));
  expect(exempt.filter((start) => !naming.some((file) => file.startsWith(start)))).toEqual([]);
});

test('everything has the contract that the registry lists it by', () => {
  const defined = files.filter(({ text }) => /^export const \w+: Tunnel = /m.test(text)).map(({ file }) => file);
  expect(defined.toSorted()).toEqual(tunnels.map(({ kind }) => `src/tunnels/${kind}.ts`).toSorted());
});
