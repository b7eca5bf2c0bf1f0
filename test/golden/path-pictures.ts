/** Pictures of ways, by name, as test/golden/paths has them: an SVG may be opened in a browser. */
import { writeFileSync } from 'node:fs';
import { pathPicture } from '../../src/bot/render/path-picture.ts';
import type { PathHop } from '../../src/model/verdict.ts';
import { firstCasePath } from '../bot/first-case.ts';
import { sampleHop, sampleVerdict } from '../bot/sample-run.ts';

export const pictureFolder = new URL('paths', import.meta.url).pathname;

const reply = (place: string, node: string, change: Partial<PathHop> = {}) => sampleHop({ place, node, ...change });
const long = `pod shop/checkout-${'very-long-name-'.repeat(14)}x2`;

const ways: Readonly<Record<string, readonly PathHop[]>> = {
  'lost-between-nodes': firstCasePath,
  'no-reply': [
    ...firstCasePath.map((hop): PathHop => ({ ...hop, status: 'seen', why: null })),
    reply('pod default/mypod', 'node-a', { status: 'lost' }),
    reply('pod default/client', 'node-b', { status: 'not-looked', why: 'it is missing before' }),
  ],
  'long-and-odd-names': [
    reply(long, 'node-a.with-a-long-name.eu-central-1.compute.internal'),
    reply('interface <b>&"naïve" \u202E日本', 'node-b', { status: 'lost' }),
  ],
};

export function goldenPictures(): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(ways).map(([name, path]) => [name, pathPicture(sampleVerdict({ path }))?.svg ?? '']),
  );
}

export function writeGoldenPictures(): void {
  for (const [name, svg] of Object.entries(goldenPictures())) writeFileSync(`${pictureFolder}/${name}.svg`, svg);
}
