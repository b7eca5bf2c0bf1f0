/** What every template of the node's allow-lists keeps to, read from the lists as they are installed. */
import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { isOfType, pairTypes, parameterPatterns, refusedValues, type ParameterType } from '../../src/model/command.ts';

const folder = resolve(import.meta.dirname, '../../deploy/node');
const lists = readdirSync(folder).filter((name) => name.startsWith('allow-list'));
const lines = lists
  .flatMap((name) => readFileSync(`${folder}/${name}`, 'utf8').split('\n'))
  .filter((line) => line !== '' && !line.startsWith('#'))
  .map((line) => line.split('\t'));
const types = new Map(
  lines
    .filter(([first]) => first === 'type')
    .map(([, name = '', pattern = '', check = '']) => [name, { pattern: new RegExp(pattern), text: pattern, check }]),
);
const never = lines.filter(([first]) => first === 'never');
const neverOf = (type: string) => never.find(([, name]) => name === type)?.[2] ?? '^$';
const templates = lines
  .filter(([first]) => first !== 'type' && first !== 'never')
  .map(([id = '', seconds = '', bytes = '', ready = '', input = '', ...argv]) => ({
    id,
    seconds: Number(seconds),
    bytes: Number(bytes),
    ready,
    input,
    argv,
  }));
const placeholder = /\{(,?)[A-Za-z][A-Za-z0-9]*:([a-z]+)\}/g;
const typesIn = (text: string) => [...text.matchAll(placeholder)].map(([, , type = '']) => type);
const names = Object.keys(parameterPatterns) as ParameterType[];

describe('the allow-lists', () => {
  test('hold templates and types, in two files', () => {
    expect(lists).toEqual(['allow-list', 'allow-list.fixes']);
    expect(templates.length).toBeGreaterThan(30);
    expect([...types.keys()]).toEqual(names);
    expect(never.map(([, name]) => name)).toEqual(Object.keys(refusedValues));
  });

  test('a template takes no text of the request: what it reads is a JSON object of its own, or nothing', () => {
    const reading = templates.filter(({ input }) => input !== '-');
    expect(reading.map(({ id }) => id)).toEqual([
      'calicoctl-create-account-profile',
      'calicoctl-create-namespace-profile',
      'calicoctl-delete-profile',
      'calicoctl-v1-create-namespace-profile',
      'calicoctl-v1-delete-namespace-profile',
    ]);
    for (const { id, input } of reading) {
      const bare: unknown = JSON.parse(input.replaceAll(placeholder, (_, list: string) => (list === ',' ? '' : 'x')));
      expect(bare).toMatchObject(
        id.includes('-v1-')
          ? { apiVersion: 'v1', kind: 'profile', metadata: { name: 'k8s_ns.x' } }
          : {
              apiVersion: 'projectcalico.org/v3',
              kind: 'Profile',
              metadata: { name: expect.stringMatching(/^(?:kns|ksa)\.|^x$/) },
            },
      );
      // Every single value stands inside a string.
      expect(input.replaceAll(/\{,\w+:[a-z]+\}/g, '').replaceAll(/"[^"\\]*"/g, '')).not.toMatch(/\{\w+:/);
    }
    expect(reading.filter(({ id }) => id.includes('-delete-')).map(({ input }) => typesIn(input))).toEqual([
      ['profile', 'uid', 'revision'],
      ['namespace'],
    ]);
  });

  test('every placeholder has a type, pairs stand in lists alone, and nothing else looks like a placeholder', () => {
    for (const { id, input, argv, ready } of templates) {
      for (const text of [...argv, ready, input]) {
        expect([id, typesIn(text).filter((type) => !types.has(type))]).toEqual([id, []]);
        expect([id, text.replaceAll(placeholder, '').match(/\{\s*,?\s*\w*\s*:|\$\{|`/)]).toEqual([id, null]);
        for (const [, list = '', type = ''] of text.matchAll(placeholder))
          expect([id, list === ',']).toEqual([id, pairTypes.has(type as ParameterType)]);
      }
      expect([id, argv.some((token) => token.includes('{,'))]).toEqual([id, false]);
    }
  });

  test.each(names)('a value of type %s is no option, no path, no list, and inert in JSON, YAML and a shell', (name) => {
    const { pattern = /^$/ } = types.get(name) ?? {};
    const one =
      name === 'interface' || name === 'netns'
        ? 'eth0'
        : (fc.sample(fc.stringMatching(parameterPatterns[name]), 1)[0] ?? '');
    expect(pattern.test(one)).toBe(true);
    for (const bad of [
      '',
      '-',
      '-x',
      '--x=y',
      ' x',
      'x ',
      'x y',
      'x\n',
      '\nx',
      'x\ny',
      'x\ty',
      'x\0',
      '"',
      "'",
      'x"y',
      "x'y",
      'x\\y',
      '\\',
      '`x`',
      '$x',
      '$(x)',
      'x;y',
      'x&y',
      'x|y',
      'x<y',
      'x>y',
      'x*',
      'x?',
      '[x]',
      '{x}',
      '~x',
      '#x',
      '!x',
      '@x',
      '%x',
      'x,y',
      '/x',
      '../x',
      '.',
      '..',
      'é',
      '\u00a0',
    ]) {
      expect([bad, pattern.test(bad)]).toEqual([bad, false]);
      const inside = name === 'chain' ? /^[-.]+$|^-x$|^\/x$/ : /^[-.]+$|^-x$/; // nft takes it inside a name: not a path
      if (bad !== '') expect([bad, pattern.test(one + bad) && !inside.test(bad)]).toEqual([bad, false]);
    }
    if (!pairTypes.has(name)) expect(pattern.test('x=y')).toBe(false);
    expect(one).not.toMatch(/^-/);
  });

  test('an argument that a value begins cannot be an option, and no value chooses a program', () => {
    for (const { id, argv } of templates) {
      expect([id, argv[0]?.includes('{')]).toEqual([id, false]);
      for (const token of argv.filter((text) => text.startsWith('{'))) {
        expect([id, types.get(typesIn(token)[0] ?? '')?.pattern.test('-x')]).toEqual([id, false]);
      }
    }
  });

  test('a capture names a device of the node, sees no payload, and a connection goes to a host', () => {
    const captures = templates.filter(({ argv }) => argv.includes('tcpdump'));
    expect(captures.length).toBeGreaterThan(0);
    for (const { argv } of captures) {
      const device = argv[argv.indexOf('-i') + 1] ?? '';
      expect(types.get(typesIn(device)[0] ?? '')?.check).toBe('network-device');
      // The headers of the longest packet, and no byte more: Ethernet with a VLAN tag, VXLAN's 50 bytes, IPv4, TCP.
      // Those of IPv6 are 20 bytes longer, the outer one as well.
      const longer = argv.at(-1)?.includes('icmp6') ? 20 + 20 : 0;
      expect(Number(argv[argv.indexOf('-s') + 1])).toBeLessThanOrEqual(14 + 4 + 50 + 20 + 20 + longer);
      expect(argv.filter((token) => /^-[^-]*[AXxwrWzFGC]/.test(token))).toEqual([]);
      // Each way into the filter is ICMP, ARP, TCP with the flags of a beginning or a refusal, or datagrams of the asked port.
      const ways = (argv.at(-1) ?? '').split(/ or (?=\((?:udp|host|icmp|arp))/);
      expect(ways.length).toBeGreaterThan(2);
      for (const way of ways) expect(way).toMatch(/icmp|^\(arp and host|& 6 != 0|udp and port \{|= \{port:number\}/);
    }
    for (const bad of [
      '127.0.0.1',
      '127.8.8.8',
      '0.0.0.0',
      '0.1.2.3',
      '169.254.169.254',
      '169.254.1.1',
      '224.0.0.1',
      '239.1.1.1',
      '255.255.255.255',
      '256.1.1.1',
      '10.1.1.256',
      '010.1.1.1',
      '10.1.1',
      '999.1.1.1',
    ]) {
      expect([bad, types.get('address')?.pattern.test(bad)]).toEqual([bad, false]);
    }
    for (const good of [
      '10.244.1.5',
      '192.168.0.0',
      '172.16.255.255',
      '1.1.1.1',
      '100.64.0.1',
      '126.0.0.1',
      '128.0.0.1',
      '169.253.1.1',
      '169.255.1.1',
      '168.254.1.1',
      '223.255.255.255',
    ]) {
      expect([good, types.get('address')?.pattern.test(good)]).toEqual([good, true]);
    }
  });

  test('first bytes of addresses: every one from 1 to 223 but the loopback', () => {
    const taken = Array.from({ length: 300 }, (_, first) => first).filter((first) =>
      parameterPatterns.address.test(`${first}.1.2.3`),
    );
    expect(taken).toEqual(Array.from({ length: 223 }, (_, index) => index + 1).filter((first) => first !== 127));
  });
});

describe('the patterns', () => {
  test('mean the same to bash, for values of every type and for broken ones', () => {
    const values = names.flatMap((name) =>
      fc
        .sample(fc.stringMatching(parameterPatterns[name]), { numRuns: 20, seed: 7 })
        .flatMap((value) =>
          [value, `${value}x`, `-${value}`, value.slice(1), `${value}.`, value.toUpperCase(), value.repeat(2)]
            .filter((one) => one !== '')
            .map((one) => ({ name, value: one })),
        ),
    );
    values.push(
      ...'fd00:ec2::254 fd20:ce::254 fd00:c1::a9fe:a9fe fd00:42::42 fd00:42:0::42 fd00:a9fe:a9fe::1 fd00:100::100:200'
        .split(' ')
        .concat('100.100.100.200', '192.0.0.192')
        .map((value) => ({ name: 'address' as const, value })),
    );
    expect(values.length).toBeGreaterThan(1000);
    const program = `while IFS= read -r pattern && IFS= read -r never && IFS= read -r value; do
      [[ $value =~ $pattern && ! $value =~ $never ]] && echo 1 || echo 0
    done`;
    const input = values.map(({ name, value }) => `${types.get(name)?.text}\n${neverOf(name)}\n${value}\n`).join('');
    const said = execFileSync('bash', ['--norc', '-c', program], {
      input,
      encoding: 'utf8',
      env: { ...process.env, LC_ALL: 'C' },
    })
      .trim()
      .split('\n');
    expect(values.filter(({ name, value }, index) => isOfType(name, value) !== (said[index] === '1'))).toEqual([]);
  });
});
