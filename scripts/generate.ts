/**
 * Writes the files that are generated: the registries of src/ from the files in its rooms, then what commands, probes,
 * rules and fixes declare. With --check it writes nothing and exits 1 when a file is stale.
 */
import { mkdir, readdir, readFile, unlink, writeFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { registries } from './generate/registries.ts';

const root = resolve(import.meta.dirname, '..');
const check = process.argv.includes('--check');

await put(registries(root));
// What follows reads the registries: with a stale one it would speak of units that are not there.
if (process.exitCode === undefined) {
  const { declaredFiles } = await import('./generate/declared.ts');
  const declared = declaredFiles();
  await put(declared);
  await removeOldPages(declared);
}

async function put(generated: Readonly<Record<string, string>>): Promise<void> {
  for (const [path, text] of Object.entries(generated)) {
    const file = resolve(root, path);
    const before = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return null;
      throw error;
    });
    if (before === text) continue;
    if (check) {
      console.error(`${path} is stale: npm run generate`);
      process.exitCode = 1;
    } else {
      await mkdir(dirname(file), { recursive: true });
      await writeFile(file, text);
      console.error(`wrote ${path}`);
    }
  }
}

/** A page of a cause that is gone would still be read. */
async function removeOldPages(generated: Readonly<Record<string, string>>): Promise<void> {
  for (const name of await readdir(`${root}/docs/causes`)) {
    const path = `docs/causes/${name}`;
    if (Object.hasOwn(generated, path)) continue;
    console.error(`${path} is not generated${check ? ': npm run generate' : ', removed'}`);
    if (check) process.exitCode = 1;
    else await unlink(resolve(root, path));
  }
}
