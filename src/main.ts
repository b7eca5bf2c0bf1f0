#!/usr/bin/env -S node --max-semi-space-size=4
/** Starts the program, or says which Node it needs: what an older Node cannot read is loaded after that. */
import { readFileSync } from 'node:fs';
import { nodeProblem } from './node-version.ts';

const { engines } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as {
  readonly engines: { readonly node: string };
};
const problem = nodeProblem(process.versions.node, engines.node);
if (problem === null) await import('./run-main.ts');
else {
  process.stderr.write(`error: ${problem}\n`);
  process.exitCode = 3;
}
