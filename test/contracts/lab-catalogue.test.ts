import { expect, test } from '@jest/globals';
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { labCatalogue } from '../together/lab-catalogue.ts';

const root = resolve(import.meta.dirname, '../..');

test('what only the long run tries is there, and is of labs', () => {
  expect(labCatalogue.filter((file) => !existsSync(resolve(root, file)))).toEqual([]);
  expect(labCatalogue.filter((file) => !/^(?:test\/e2e|tools\/lab)\//.test(file))).toEqual([]);
});
