/** What nodes and servers say is parsed in a time that grows with its length alone, by every parser that there is. */
import { describe, expect, test } from '@jest/globals';
import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { z } from 'zod';
import { LookError } from '../../src/model/look-error.ts';
import { computedMs, excess, limitMs } from './linear/yardsticks.ts';

const src = resolve(import.meta.dirname, '../../src');
const megabyte = 1_000_000;
/** Tried first: what takes less than `suspectMs` takes less than the limit at 16 times the length, also where time grows with its square. */
const shorter = megabyte / 16;
const suspectMs = limitMs / 16 ** 2;

type Parser = (...args: unknown[]) => unknown;
/** Rooms whose modules are read whole, and what a parser is called elsewhere. */
const parserFolder = 'probes/parse/';
const parserName = /^(?:parse|redact|kept)[A-Z]/;
const elsewhere = ['adapters/', 'bot/', 'model/'];
const exportsParser = /^export (?:const|function) (?:parse|redact|kept)[A-Z]/m;
const files = readdirSync(src, { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.ts'))
  .toSorted();
const modules = await Promise.all(
  files
    .filter(
      (file) =>
        file.startsWith(parserFolder) ||
        (elsewhere.some((room) => file.startsWith(room)) && exportsParser.test(readFileSync(join(src, file), 'utf8'))),
    )
    .map(async (file) => ({ file, exported: (await import(join(src, file))) as Readonly<Record<string, unknown>> })),
);
const parsers = modules.flatMap(({ file, exported }) =>
  Object.entries(exported).flatMap(([name, value]): [string, Parser][] =>
    typeof value === 'function' && (file.startsWith(parserFolder) || parserName.test(name))
      ? [[`${file} ${name}`, value as Parser]]
      : [],
  ),
);

const pieces = [
  'a',
  ' ',
  '\n',
  '0',
  '"',
  '\\',
  '@',
  '[',
  '{"a":',
  '- ',
  '- - ',
  ': ',
  '# ',
  'a: b\n',
  '- a\n',
  '- &a x\n- *a\n',
  'key: &a {b: c}\n<<: *a\n',
  'a b ',
  '0 packets ',
  'IP 1.1.1.1 > ',
  'IP 1.1.1.1 > 2.2.2.2: ICMP echo request, id 1, seq 1, length 1\n',
  'LISTEN 0 0 ',
  'LISTEN 0 0 a:1 b:*\n',
  'HTTP/1.1 ',
  'NAMESPACE NAME\n',
  'resource does not exist: ',
  "resource type '",
  'Client Version: ',
  '-eyJ',
  'a.',
  '://',
  'password="',
  'token ',
  '-----BEGIN PRIVATE KEY-----',
  'cookie: ',
  '  annotations:\n    a: b\n',
  '1 calico-felix ',
];
/** Of each input the short and the whole one. */
const whole = inputs(megabyte);
const texts: readonly (readonly [string, string])[] = inputs(shorter).map((text, at) => [text, whole[at] ?? '']);

function inputs(length: number): readonly string[] {
  const fill = (piece: string) => piece.repeat(Math.ceil(length / piece.length));
  const list = (item: string) => `[${fill(`${item},`)}${item}]`;
  const keys = Array.from({ length: length / 16 }, (_, at) => at);
  return [
    ...pieces.map(fill),
    ...['{}', '0', '{"name":"a","id":1}', '{"ifname":"a","ifindex":1,"mtu":1}', '{"dst":"default"}', '{"dst":1}'].map(
      list,
    ),
    `{"items":${list('{"kind":"NetworkPolicy","metadata":{"name":"a"},"spec":{}}')}}`,
    `{"items":${list('{}')}}`,
    `metadata:\n  labels:\n${keys.map((key) => `    key${key}: v\n`).join('')}`,
    `items:\n${fill('- a: b\n')}`,
    `{${keys.map((key) => `"key${key}":"v"`).join(',')}}`,
  ];
}

const transcript = (text: string, exit: number) => ({
  node: 'n',
  command: 'c',
  at: '2026-11-23T10:00:00.000Z',
  durationMs: 1,
  exit,
  stdout: text,
  stderr: text,
  timedOut: false,
  truncated: false,
  file: null,
});
/** As large as the API server takes one. */
const ports = Array.from({ length: 20_000 }, (_, at) => ({ containerPort: at, protocol: 'TCP' }));
const object = {
  metadata: {
    name: 'a',
    namespace: 'b',
    labels: Object.fromEntries(Array.from({ length: 60_000 }, (_, at) => [`key${at}`, 'v'])),
  },
  spec: { nodeName: 'n', containers: [{ name: 'c', ports }] },
  status: { phase: 'Running', podIP: '10.0.0.1', addresses: [{ type: 'InternalIP', address: '10.0.0.2' }] },
  kind: 'pod',
  name: 'a',
  flags: [],
  interface: null,
};
const templates = [['pgrep'], ['calicoctl', '-o', 'yaml'], ['calicoctl', '-o', 'json'], ['cat']].map((argv) => ({
  argv,
}));
/** Ways in which some parser is asked. */
const ways: readonly ((text: string) => readonly unknown[])[] = [
  (text) => [text, new Map(), z.unknown()],
  (text) => [transcript(text, 0), { protocol: 'icmp' }],
  (text) => [transcript(text, 1), { protocol: 'tcp', number: 80 }],
  (text) => [Buffer.from(text)],
  (text) => [text, text, text, 0],
  ...templates.map((template) => (text: string) => [template, text]),
];

/** Whether it took the arguments. An error of another kind says that they are not its own. */
function takes(parser: Parser, args: readonly unknown[]): boolean {
  try {
    parser(...args);
    return true;
  } catch (error) {
    return error instanceof LookError;
  }
}

/** What it computed on the arguments, in milliseconds. */
function costOf(parser: Parser, args: readonly unknown[]): number {
  return computedMs(() => takes(parser, args));
}

test('there are parsers to try', () => {
  expect(parsers.length).toBeGreaterThan(25);
});

describe.each(parsers)('%s', (_, parser) => {
  test('takes a megabyte of the worst in a time that grows with its length', () => {
    // A parser takes one form of arguments, at most two: that others raise nothing is chance.
    const own = ways.filter((way) => ['', 'a', '[]', '{}'].some((text) => takes(parser, way(text)))).slice(0, 2);
    const slow = own.flatMap((way) =>
      texts.flatMap(([short, whole]) => {
        if (costOf(parser, way(short)) <= suspectMs) return [];
        const times = excess(() => costOf(parser, way(whole)));
        return times === null ? [] : [{ input: short.slice(0, 40), times }];
      }),
    );
    expect(own.length > 0 || takes(parser, [object, [object]])).toBe(true);
    expect(excess(() => costOf(parser, [object, [object]]))).toBeNull();
    expect(slow).toEqual([]);
  }, 120_000);
});
