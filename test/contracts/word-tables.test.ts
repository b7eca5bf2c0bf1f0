import { expect, test } from '@jest/globals';
import { globSync, readFileSync } from 'node:fs';

const root = `${import.meta.dirname}/../../`;
const declared = /(?:const|let) (\w+): (?:Readonly<)?Record<string, /g;
const files = globSync('src/**/*.ts', { cwd: root }).map((path) => ({ path, text: readFileSync(root + path, 'utf8') }));
const tables = files.flatMap(({ path, text }) => [...text.matchAll(declared)].map(([, name = '']) => ({ path, name })));

// `table[word]` also finds `constructor` and `__proto__`; own() of src/model/own.ts does not.
test('no table of words is asked for a word directly', () => {
  expect(tables.length).toBeGreaterThan(10);
  const direct = tables.flatMap(({ path, name }) =>
    files.flatMap((file) => {
      const isKnown = file.path === path || new RegExp(String.raw`import .*\b${name}\b`).test(file.text);
      const asked = file.text
        .split('\n')
        .filter(
          (line) =>
            new RegExp(String.raw`\b${name}\[[a-z]`).test(line) &&
            !line.includes(`Object.hasOwn(${name}, `) &&
            !new RegExp(String.raw`\b${name}\[[^\]]*\] = `).test(line),
        );
      return isKnown ? asked.map((line) => `${file.path}: ${line.trim()}`) : [];
    }),
  );
  expect(direct).toEqual([]);
});
