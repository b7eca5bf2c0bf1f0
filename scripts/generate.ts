/**
 * Writes the files that are generated from what probes, rules and fixes declare; with --check it writes
 * nothing and exits 1 when one is stale.
 */
import { mkdir, readdir, readFile, unlink, writeFile } from 'node:fs/promises';
import { dirname, relative, resolve } from 'node:path';
import { doctorReads } from '../src/cli/doctor.ts';
import { fixes } from '../src/fixes/registry.ts';
import { preflightReads } from '../src/runs/preflight.ts';
import { defaultCalicoNamespaces } from '../src/model/calico-components.ts';
import { computed } from '../src/computed/registry.ts';
import { probes } from '../src/probes/registry.ts';
import { rules } from '../src/rules/registry.ts';
import { allowLists } from './generate/allow-list.ts';
import { causePages, referencePage } from './generate/reference.ts';
import { rightsManifests } from './generate/rights.ts';

const root = resolve(import.meta.dirname, '..');
const lists = allowLists(probes, fixes);
const subject = { rules, probes, computed, fixes };
const generated = {
  'deploy/node/allow-list': lists.reading,
  'deploy/node/allow-list.fixes': lists.fixing,
  ...rightsManifests([...probes, { reads: preflightReads }, { reads: doctorReads }], fixes, defaultCalicoNamespaces),
  'docs/reference.md': referencePage(subject),
  ...causePages(subject),
};

const check = process.argv.includes('--check');
for (const [path, text] of Object.entries(generated)) {
  const file = resolve(root, path);
  const before = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return null;
    throw error;
  });
  if (before === text) continue;
  if (check) {
    console.error(`${relative(root, file)} is stale: npm run generate`);
    process.exitCode = 1;
  } else {
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, text);
    console.error(`wrote ${relative(root, file)}`);
  }
}

// A page of a cause that is gone would still be read.
for (const name of await readdir(`${root}/docs/causes`)) {
  const path = `docs/causes/${name}`;
  if (path in generated) continue;
  console.error(`${path} is not generated${check ? ': npm run generate' : ', removed'}`);
  if (check) process.exitCode = 1;
  else await unlink(resolve(root, path));
}
