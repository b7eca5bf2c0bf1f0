/**
 * Checks scripts and Dockerfiles with the programs that are named. Usage: npm run deploy -- SHELLCHECK HADOLINT, each a
 * path, or - to leave it out. Exits 1 if one of them finds something.
 */
import { spawnSync } from 'node:child_process';
import { globSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';

const root = resolve(import.meta.dirname, '..');
const [shellcheck = 'shellcheck', hadolint = 'hadolint'] = process.argv.slice(2);

const isShell = (path: string) => /^#!\/bin\/(?:ba)?sh\b/.test(readFileSync(`${root}/${path}`, 'utf8').slice(0, 20));
const scripts = globSync(['deploy/*/*', 'scripts/*', '.ci/*'], { cwd: root, withFileTypes: true })
  .filter((one) => one.isFile())
  .map((one) => `${one.parentPath}/${one.name}`.slice(root.length + 1))
  .filter(isShell);
const dockerfiles = globSync('deploy/**/Dockerfile', { cwd: root });

function check(program: string, files: readonly string[]): void {
  if (program === '-') return;
  const { status, error } = spawnSync(program, files, { cwd: root, stdio: 'inherit' });
  if (error) throw error;
  if (status === 0) console.log(`${program}: ${files.length} files, nothing found`);
  else process.exitCode = 1;
}

check(shellcheck, scripts);
check(hadolint, dockerfiles);
