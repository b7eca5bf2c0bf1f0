/** The picture of a packet's way: what it draws, what it says beside that, and that words of others stay words. */
import { expect, test } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { createPng } from '../../src/adapters/png.ts';
import { pathPicture } from '../../src/bot/render/path-picture.ts';
import { sampleHop, sampleVerdict } from './sample-run.ts';
import { goldenPictures, pictureFolder } from '../golden/path-pictures.ts';

const draw = createPng({
  warn(_what, error) {
    throw error;
  },
});

const verdictOf = (place: string) => sampleVerdict({ path: [sampleHop({ place, node: null, why: place })] });

test.each(Object.entries(goldenPictures()))('the way %s is drawn as the reviewed file has it', (name, svg) => {
  expect(svg).toBe(readFileSync(`${pictureFolder}/${name}.svg`, 'utf8'));
});

test('says in words what it draws, and where the packet stops', () => {
  const path = [
    sampleHop({ direction: 'request', place: 'pod default/client', node: 'node-b' }),
    sampleHop({ direction: 'request', place: 'network interface eth0', node: 'node-a', status: 'lost' }),
    sampleHop({ place: 'pod default/mypod', node: 'node-a', status: 'not-looked', why: 'it is missing before' }),
  ];
  expect(pathPicture(sampleVerdict({ path }))?.alt).toBe(
    'The way of the packet: default/mypod from pod:default/client on 8080/tcp. ' +
      'Request, pod default/client on node-b: seen. ' +
      'Request, network interface eth0 on node-a: missing, the packet stops before this place. ' +
      'Reply, pod default/mypod on node-a: not seen (it is missing before).',
  );
});

test('no packet was followed: there is no picture', () => {
  expect(pathPicture(sampleVerdict({ path: [] }))).toBeNull();
});

test.each([
  ['markup', '</title></svg><script>alert(1)</script>'],
  ['an entity', '&lt;!ENTITY x SYSTEM "file:///etc/passwd"> &x;'],
  ['a quote', `"' onload='x()`],
  ['controls and half characters', 'a\u0000\u001B[31m\u202E\uD800\uFFFE\uFFFF b'],
  ['an address of a picture', 'url(https://evil.example/x.png) href="https://evil.example"'],
  ['10,000 characters without a space', 'x'.repeat(10_000)],
  ['10,000 words', 'x '.repeat(10_000)],
])('%s in a name stays words, and the picture is drawn', async (_, hostile) => {
  const picture = pathPicture(verdictOf(hostile));
  const { svg = '', alt = '' } = picture ?? {};
  expect(new Set(svg.match(/<\/?[^\s>/]+/g))).toEqual(
    new Set([
      '<svg',
      '<title',
      '</title',
      '<defs',
      '</defs',
      '<path',
      '<rect',
      '<g',
      '</g',
      '<circle',
      '<use',
      '</svg',
    ]),
  );
  expect(svg.match(/(?:href|on\w+)="(?!#l\d+")[^"]*"/g)).toBeNull();
  expect(svg).not.toMatch(/[^\n\x20-\uFFFD]/);
  expect(svg.length).toBeLessThan(60_000);
  expect(alt.length).toBeLessThanOrEqual(1500);
  expect(alt).not.toMatch(/\p{Cc}|\u202E/u);
  expect(
    Buffer.from((await draw(svg)) ?? [])
      .subarray(0, 4)
      .toString('latin1'),
  ).toBe('\u0089PNG');
});

test('a PNG has two pixels for each unit, and letters without a font of the machine', async () => {
  const { svg = '' } = pathPicture(verdictOf('pod default/client')) ?? {};
  const png = Buffer.from((await draw(svg)) ?? []);
  expect(png.readUInt32BE(16)).toBe(800);
  // Without its letters the same picture has fewer bytes.
  const bare = Buffer.from((await draw(svg.replaceAll(/<use [^>]+>/g, ''))) ?? []);
  expect(png.length).toBeGreaterThan(bare.length * 1.5);
});

test('where the package is not there, a warning is told and the picture left out', async () => {
  const told: string[] = [];
  const broken = createPng({ warn: (what) => void told.push(what) });
  expect(await broken('this is no SVG')).toBeNull();
  expect(told).toEqual(['a picture could not be drawn']);
});
