/** What rules, probes and fixes promise of their files, ids, words and commands. */
import { execFile } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, resolve } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, test } from '@jest/globals';
import { placeholders } from '../../src/model/command-line.ts';
import { steps } from '../../src/model/steps.ts';
import { commands } from '../../src/commands/registry.ts';
import { fixes } from '../../src/fixes/registry.ts';
import { computed } from '../../src/computed/registry.ts';
import { probes } from '../../src/probes/registry.ts';
import { rules } from '../../src/rules/registry.ts';
import { causes } from './causes.ts';

const root = resolve(import.meta.dirname, '../..');
/** Paths of a room's files, its folders included. */
const files = (room: string) =>
  readdirSync(`${root}/src/${room}`, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.ts'));
const text = (path: string) => readFileSync(`${root}/${path}`, 'utf8');
/** Ids that a room's files define, each by the file that does. */
function definedIn(room: string, definition: RegExp): readonly { readonly file: string; readonly id: string }[] {
  return files(room).flatMap((file) => {
    const content = text(`src/${room}/${file}`);
    if (!definition.test(content)) return [];
    return [
      {
        file,
        id:
          /^ {2}id(?:: '([a-z0-9-]+)')?,$/m.exec(content)?.[1] ??
          /^const id = '([a-z0-9-]+)';$/m.exec(content)?.[1] ??
          '(none)',
      },
    ];
  });
}
const ids = (units: readonly { readonly id: string }[]) => units.map(({ id }) => id).toSorted();

describe.each([
  ['rules', /= defineRule\(/, rules],
  ['probes', /= define(?:Cluster|Node)Probe\(/, probes],
  ['computed', /= defineComputed\(/, computed],
  ['fixes', /= defineFix\(/, fixes],
] as const)('%s', (room, definition, units) => {
  test('a file is called as the unit in it, and every unit is registered, once', () => {
    const defined = definedIn(room, definition);
    expect(defined.length).toBeGreaterThan(0);
    expect(defined.filter(({ file, id }) => basename(file) !== `${id}.ts`)).toEqual([]);
    expect(ids(units)).toEqual(ids(defined));
  });
});

describe('rules', () => {
  test('a rule is a cause', () => {
    expect(rules.filter(({ id }) => !causes.includes(id)).map(({ id }) => id)).toEqual([]);
    expect(new Set(causes).size).toBe(causes.length);
  });
  test('a rule is pure: it awaits nothing and reads no clock, environment or chance', () => {
    for (const file of files('rules'))
      expect([
        file,
        /\bawait\b|\bDate\b|\bprocess\.|Math\.random|\bfetch\(/.exec(text(`src/rules/${file}`))?.[0] ?? null,
      ]).toEqual([file, null]);
  });
  test('a folder holds the rules of one step, lib/ what they share, and the registry keeps the order of the steps', () => {
    const units = files('rules').filter((file) => file !== 'registry.ts' && !file.startsWith('lib/'));
    expect(units.toSorted()).toEqual(rules.map(({ id, step }) => `${step}/${id}.ts`).toSorted());
    const order = rules.map(({ step }) => steps.findIndex(({ id }) => id === step));
    expect(order).toEqual(order.toSorted((a, b) => a - b));
  });
  test('every rule has its table of tests', () => {
    expect(
      rules.filter(({ id, step }) => !existsSync(`${root}/test/rules/${step}/${id}.test.ts`)).map(({ id }) => id),
    ).toEqual([]);
    expect(
      rules
        .filter(({ id, step }) => !/^testRule\(rule, /m.test(text(`test/rules/${step}/${id}.test.ts`)))
        .map(({ id }) => id),
    ).toEqual([]);
  });
});

describe('computed facts', () => {
  test('a computed fact is pure: it waits for facts alone, and reads no clock, environment or chance', () => {
    for (const file of files('computed')) {
      const asked = text(`src/computed/${file}`).replaceAll(
        /await (?:facts\.ask\(|Promise\.all\(\[|readIngress\(|readWalk\()/g,
        '',
      );
      expect([file, /\bawait\b|\bDate\b|\bprocess\.|Math\.random|\bfetch\(/.exec(asked)?.[0] ?? null]).toEqual([
        file,
        null,
      ]);
    }
  });
  test('lib/ holds what several of them share, and nothing that is asked for', () => {
    expect(
      files('computed')
        .filter((file) => !file.startsWith('lib/') && file !== 'registry.ts')
        .toSorted(),
    ).toEqual(computed.map(({ id }) => `${id}.ts`).toSorted());
  });
});

describe('probes', () => {
  test('a folder is a place and holds probes alone; what they share stands in lib/ and parse/', () => {
    const units = files('probes').filter((file) => file !== 'registry.ts' && !/^(?:lib|parse)\//.test(file));
    expect(units.filter((file) => !/^(?:cluster|datastore|node|traffic)\/[a-z-]+\.ts$/.test(file))).toEqual([]);
    expect(units.map((file) => basename(file, '.ts')).toSorted()).toEqual(ids(probes));
    const place = (id: string) => units.find((file) => basename(file) === `${id}.ts`)?.split('/')[0];
    expect(
      probes.filter(({ id, kind }) => (place(id) === 'traffic') !== (kind === 'active')).map(({ id }) => id),
    ).toEqual([]);
    expect(
      probes.filter(({ id, commands: own }) => (place(id) === 'cluster') !== (own.length === 0)).map(({ id }) => id),
    ).toEqual([]);
  });
  test('a probe that waits says at which moment', () => {
    const firsts = probes
      .filter(({ moment = 'first' }) => moment === 'first')
      .map(({ id }) => text(`src/probes/${files('probes').find((file) => basename(file) === `${id}.ts`)}`));
    expect(firsts.filter((source) => /\.sleep\(/.test(source))).toEqual([]);
  });
  test('nothing that edits a rule set, its counters or its tables, and no promiscuous capture', () => {
    for (const { argv } of probes.flatMap(({ commands: own }) => own)) {
      const [program = ''] = argv;
      // A table that is not in use is registered by `-t` of the legacy reader; that of nft makes none (mixed-tables).
      const edits = program.startsWith('iptables-nft') ? /^-[FZXAIDNPR]$/ : /^-[FZXAIDNPRt]$/;
      expect(
        argv.filter(
          (token) =>
            /iptables|ipset/.test(program) &&
            (edits.test(token) || /^--(?:flush|zero|append|insert|delete)$/.test(token)),
        ),
      ).toEqual([]);
      if (argv.includes('tcpdump')) expect(argv).toEqual(expect.arrayContaining(['-p', '-c']));
      if (argv[0] === 'nft') expect(argv).toContain('list');
    }
  });
});

describe('fixes', () => {
  test('a fix has a folder of its own, and kit/ holds what several of them share', () => {
    const folders = new Set(
      files('fixes')
        .filter((file) => file.includes('/'))
        .map((file) => file.split('/')[0]),
    );
    expect(folders).toEqual(new Set([...fixes.map(({ id }) => id), 'kit']));
    expect(fixes.filter(({ id }) => !files('fixes').includes(`${id}/${id}.ts`))).toEqual([]);
  });
});

describe('commands', () => {
  test('a file is a tool, and holds the commands whose ids begin with it', () => {
    const units = files('commands').filter((file) => file !== 'registry.ts' && !file.startsWith('lib/'));
    const defined = units.flatMap((file) =>
      [...text(`src/commands/${file}`).matchAll(/^export const \w+ = defineCommand\(\{\s*id: '([a-z0-9-]+)'/gm)].map(
        ([, id = '']) => ({ id, tool: basename(file, '.ts') }),
      ),
    );
    expect(defined.filter(({ id, tool }) => id !== tool && !id.startsWith(`${tool}-`))).toEqual([]);
    expect(ids(commands)).toEqual(ids(defined));
    expect(units.filter((file) => !defined.some(({ tool }) => file === `${tool}.ts`))).toEqual([]);
  });
  test('a probe or a fix runs each of them, and no command of its own', () => {
    const used = [...probes, ...fixes].flatMap((unit) => unit.commands);
    expect(commands.filter((command) => !used.includes(command)).map(({ id }) => id)).toEqual([]);
    expect(used.filter((command) => !commands.includes(command)).map(({ id }) => id)).toEqual([]);
  });
  test('only src/commands writes command lines', () => {
    const programs = [...new Set(commands.flatMap(({ argv }) => argv[0] ?? []))].join('|');
    const commandLines = new RegExp(String.raw`\bargv: ?\[|\bdefineCommand\(|\[\s*'(?:${programs})',(?! 'inet')`);
    expect(
      commandLines.test("argv: ['x']") && commandLines.test("['ip', 'route']") && !commandLines.test("'ip route'"),
    ).toBe(true);
    const others = ['probes', 'fixes', 'computed', 'rules', 'engine', 'plans', 'runs', 'cli'].flatMap((room) =>
      files(room).map((file) => `src/${room}/${file}`),
    );
    expect(others.filter((file) => commandLines.test(text(file)))).toEqual([]);
  });
  // bash goes back to the end of each line that it reads, and the kernel may have made the text anew by then.
  test('no script reads a changing file of the kernel line by line', () => {
    const byLine = /\bdone(?: +\d*>[^ ;]+)* +<(?![<( ])[^ ;]*(?:\/proc\/|\$\w+\/)/;
    expect(byLine.test('while read -r a; do :; done 2>/dev/null <$p/status')).toBe(true);
    expect(byLine.test('while read -r a; do :; done < <(head $p/status)')).toBe(false);
    expect(commands.filter(({ argv }) => argv.some((token) => byLine.test(token))).map(({ id }) => id)).toEqual([]);
  });
  test('a script holds only addresses and numbers, never names or other text', () => {
    const scripts = commands.flatMap(({ id, ...template }) => {
      const shell = template.argv.findIndex((token) => /(?:^|\/)(?:ba|da|z)?sh$/.test(token));
      return shell < 0
        ? []
        : [{ id, types: placeholders({ ...template, argv: template.argv.slice(shell) }).map(({ type }) => type) }];
    });
    expect(scripts.length).toBeGreaterThan(0);
    expect(
      scripts.filter(({ types }) => types.some((type) => type !== 'address' && type !== 'number' && type !== 'hex')),
    ).toEqual([]);
  });
  test('every one of them is bounded, and stands in the allow-list', () => {
    const allowed = `${text('deploy/node/allow-list')}${text('deploy/node/allow-list.fixes')}`
      .split('\n')
      .map((line) => line.split('\t')[0]);
    expect(commands.filter(({ id }) => !allowed.includes(id)).map(({ id }) => id)).toEqual([]);
    const looking = probes.flatMap(({ commands: own }) => own);
    expect(looking.filter(({ timeoutSeconds, maxBytes }) => timeoutSeconds > 10 || maxBytes > 32_000_000)).toEqual([]);
    expect(commands.filter(({ timeoutSeconds }) => timeoutSeconds > 60)).toEqual([]);
  });
});

test('what is generated is what the units declare today', async () => {
  const run = promisify(execFile)(process.execPath, ['scripts/generate.ts', '--check'], { cwd: root });
  await expect(run).resolves.toMatchObject({ stderr: '' });
}, 60_000);
