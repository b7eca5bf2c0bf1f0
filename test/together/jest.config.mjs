// Jest's configuration for the whole suite: plain test files run together, in a few parts. By itself each still runs
// with `npm run jest -- PATH`. Without LONG_RUN what takes long stays out.
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { longRun } from './long-run.ts';
import { plainFiles } from './plain-files.ts';

const rootDir = resolve(import.meta.dirname, '../..');
const usual = JSON.parse(readFileSync(resolve(rootDir, 'jest.config.json'), 'utf8'));
const literally = (path) => `^${path.replaceAll(/[.\\/+]/g, String.raw`\$&`)}$`;

export default {
  ...usual,
  rootDir,
  testMatch: [...usual.testMatch, '**/together/part-*.ts'],
  // Patterns of the command line would take the place of these.
  testPathIgnorePatterns: [
    '/node_modules/',
    ...(process.env.LAB_CALICO_BIN ? [] : ['/test/real/']),
    ...plainFiles().map(literally),
    ...(process.env.LONG_RUN ? [] : longRun.map((file) => literally(resolve(rootDir, file)))),
  ],
};
