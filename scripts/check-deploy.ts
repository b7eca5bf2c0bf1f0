/**
 * Checks scripts, Dockerfiles and the unit of systemd with the programs that are named. Usage: npm run deploy --
 * SHELLCHECK HADOLINT SYSTEMD-ANALYZE, each a path, or - to leave it out. Exits 1 if one of them finds something.
 */
import { spawnSync } from 'node:child_process';
import { globSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';

const root = resolve(import.meta.dirname, '..');
const [shellcheck = 'shellcheck', hadolint = 'hadolint', analyze = 'systemd-analyze'] = process.argv.slice(2);

const isShell = (path: string) => /^#!\/bin\/(?:ba)?sh\b/.test(readFileSync(`${root}/${path}`, 'utf8').slice(0, 20));
const scripts = globSync(['deploy/*/*', 'scripts/*', '.ci/*'], { cwd: root, withFileTypes: true })
  .filter((one) => one.isFile())
  .map((one) => `${one.parentPath}/${one.name}`.slice(root.length + 1))
  .filter(isShell);
const dockerfiles = globSync('deploy/**/Dockerfile', { cwd: root });

function check(program: string, files: readonly string[], options: readonly string[] = []): void {
  if (program === '-') return;
  const { status, stdout, stderr, error } = spawnSync(program, [...options, ...files], { cwd: root, encoding: 'utf8' });
  if (error) throw error;
  const found = `${stdout}${stderr}`;
  process.stderr.write(found);
  // systemd-analyze warns of a key that it does not know, and ends well.
  if (status === 0 && found === '') console.log(`${program}: ${files.length} files, nothing found`);
  else process.exitCode = 1;
}

check(shellcheck, scripts);
check(hadolint, dockerfiles);
check(analyze, ['deploy/systemd/calico-chatops.service'], ['verify', '--man=no']);
