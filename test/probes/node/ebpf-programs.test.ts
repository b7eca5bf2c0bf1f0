import { spawn, type ChildProcess } from 'node:child_process';
import { chmodSync, copyFileSync, mkdtempSync, readlinkSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { bashEbpfConnections, bashEbpfCounts, bashEbpfInterface } from '../../../src/commands/bash-ebpf.ts';
import type { NodeDataplane } from '../../../src/model/dataplane.ts';
import { ebpfPrograms } from '../../../src/probes/node/ebpf-programs.ts';
import { attempt, run, until } from '../../../tools/lab/run.ts';
import { capturedPrograms } from '../../cases/capture-programs.ts';
import { readCapture } from '../../cases/capture.ts';
import { captured, valueOf } from '../../support/facts.ts';
import { codeOf, probing, type Script } from '../scripted.ts';

const healthy = await captured('healthy-bpf');
const pod = 'cali4e199eba087';
const answered = capturedPrograms(readCapture('healthy-bpf'), 'n1', pod, 'before', true)?.stdout ?? '';

const look = (answer: Script[string], dataplane: NodeDataplane['dataplane'] = 'ebpf') =>
  probing(ebpfPrograms, {
    script: { 'bash-ebpf-interface': answer },
    facts: {
      flow: valueOf(healthy, 'flow'),
      dataplanes: [{ node: 'n1', dataplane, signs: [] }],
      'links@target': valueOf(healthy, 'links@target'),
      'links@source': valueOf(healthy, 'links@source'),
    },
  }).fact('programs');

describe('what the dumps of calico-node say', () => {
  test('all of a healthy pod, on the node that runs the eBPF dataplane alone', async () => {
    const fact = await look({ stdout: answered });
    expect(fact).toMatchObject({
      status: 'observed',
      value: [
        {
          node: 'n1',
          interface: pod,
          address: '10.244.1.5',
          attached: { ingress: 'yes', egress: 'yes' },
          state: 'ready',
          delivery: 'interface',
          otherVersion: null,
          unread: [],
        },
      ],
    });
    expect(fact).not.toHaveProperty('gaps');
  });
  test('no node runs it: nothing is read', async () => {
    expect(codeOf(await look({ stdout: answered }, 'iptables-nft'))).toBe('not-applicable');
  });
  test('one part that could not be read is told, and costs no other', async () => {
    const fact = await look({ stdout: answered.replace(/# policy\n[^#]*# end 0/, '# policy\n# end 124') });
    expect(fact).toMatchObject({
      status: 'observed',
      value: [{ state: 'ready', hooks: {}, unread: ['policy: no answer in time'] }],
      gaps: [{ node: 'n1', reason: 'the eBPF programs of default/mypod were read in part: policy: no answer in time' }],
    });
  });
  test('maps of another version than calico-node looks for', async () => {
    const missing = 'error="stat /sys/fs/bpf/tc/globals/cali_counters6: no such file or directory"';
    const log = `time="2026-11-25T19:28:31Z" level=error msg="Failed to open counter map." ${missing}`;
    const stdout = answered
      .replace(/# counters\n[^#]*# end 0/, `# counters\n${log}\n# end 0`)
      .replace('cali_counters6\n', 'cali_counters5\n');
    expect(await look({ stdout })).toMatchObject({
      value: [{ otherVersion: 'calico-node looks for cali_counters6, and the node has cali_counters5', counters: {} }],
    });
    expect(await look({ stdout: stdout.replace('cali_counters5\n', '') })).toMatchObject({
      value: [{ otherVersion: null }],
    });
  });
  test.each<[string, Script[string], string]>([
    ['no calico-node', { exit: 3, stderr: 'no privileged process of calico-node runs on the node\n' }, 'not-supported'],
    ['no nsenter', { exit: 127, stderr: 'bash: line 1: type: nsenter: not found\n' }, 'tool-missing'],
    ['too slow', { exit: null, timedOut: true }, 'timeout'],
    ['cut', { truncated: true, stdout: answered.slice(0, 5000) }, 'output-too-large'],
  ])('%s: a blind spot, and no guess', async (_, answer, code) => {
    expect(await look(answer)).toMatchObject({ status: 'observed', value: [], gaps: [{ code, node: 'n1' }] });
  });
});

/** Other suites run processes of this name, too: only those of the node's own network count, so this is one of its own. */
const network = `cc-ebpf-${process.pid}`;
const inNetwork = ['nsenter', `--net=/run/netns/${network}`];

/** Of the loopback. */
const dump = () => attempt([...inNetwork, ...bashEbpfCounts.argv.map((token) => token.replaceAll('{index:hex}', '1'))]);

describe('the command on this machine', () => {
  const folder = mkdtempSync(`${tmpdir()}/calico-node-`);
  const file = `${folder}/calico-node`;
  const started: ChildProcess[] = [];
  beforeAll(async () => {
    await run(['ip', 'netns', 'add', network]);
    chmodSync(folder, 0o755);
    copyFileSync('/bin/bash', file);
    chmodSync(file, 0o755);
  });
  afterEach(() => {
    for (const child of started.splice(0)) child.kill('SIGKILL');
  });
  afterAll(async () => {
    rmSync(folder, { recursive: true });
    await run(['ip', 'netns', 'del', network]);
  });

  /** A process of the name that waits, in a mount namespace with Felix's folder if it is to have one. */
  const start = async (before: readonly string[], hasMaps = true): Promise<void> => {
    const maps = hasMaps ? 'mount -t tmpfs maps /sys/fs/bpf && mkdir -p /sys/fs/bpf/tc/globals && ' : '';
    const child = spawn(
      'nsenter',
      [
        ...inNetwork.slice(1),
        'unshare',
        '--mount',
        'sh',
        '-c',
        `${maps}exec ${[...before, file].join(' ')} -c 'read -r _'`,
      ],
      {
        stdio: ['pipe', 'ignore', 'ignore'],
      },
    );
    started.push(child);
    await until('the process to run', 10, async () => (readlinkSync(`/proc/${child.pid}/exe`) === file ? true : null));
  };

  test("a privileged process's own program runs in its mount namespace, and each part ends with its status", async () => {
    await start([]);
    const { status, stdout } = await dump();
    expect([status, stdout]).toEqual([
      0,
      expect.stringMatching(
        /^# policy\n[^]{0,200}No such file or directory\n# end 127\n# counters\n[^]{0,200}# end 127\n$/,
      ),
    ]);
  });
  test('one whose executable an upgrade replaced is asked by its path', async () => {
    copyFileSync('/bin/bash', `${folder}/new`);
    await start([]);
    renameSync(`${folder}/new`, file);
    const { status, stdout } = await dump();
    expect([status, stdout]).toEqual([0, expect.stringMatching(/: policy: No such file[^]*: counters: No such file/)]);
  });
  test('of connections, those of the two addresses are printed, with the lines of the log and the status', async () => {
    const own = 'TCP 10.244.2.7:4001 -> 10.96.0.10:53 -> 10.244.1.5:53  Active ago 1s ESTABLISHED';
    const others = [own.replace('2.7', '2.70'), own.replace('0.10', '0.1'), own.replace('10.244.2.7', '110.244.2.7')];
    // The copy of a shell looks for what it is to run where programs are.
    writeFileSync(
      `${folder}/conntrack`,
      `printf '%s\\n' '${['time="t" level=error', own, ...others].join("' '")}'; exit 1\n`,
    );
    await start([]);
    const argv = bashEbpfConnections.argv.map((token) =>
      token.replaceAll('{source:hex}', '0af40207').replaceAll('{destination:hex}', '0a60000a'),
    );
    const { status, stdout } = await attempt([...inNetwork, 'env', `PATH=${folder}:${process.env['PATH']}`, ...argv]);
    expect([status, stdout]).toEqual([0, `# connections\ntime="t" level=error\n${own}\n# end 1\n`]);
  });
  test('what was checked is what is entered: no number of a process is used again after the look', () => {
    for (const { argv } of [bashEbpfConnections, bashEbpfCounts, bashEbpfInterface])
      expect(argv.join(' ')).not.toMatch(/nsenter (?:\S+ )*-t|\/proc\/\$|\$folder\//);
  });
  test('where Felix has no maps, nothing runs: a dump would make their folder', async () => {
    await start([], false);
    expect(await dump()).toMatchObject({
      status: 3,
      stdout: '',
      stderr: expect.stringContaining('calico-node has no /sys/fs/bpf/tc/globals\n'),
    });
  });
  test.each([
    ['with fewer rights than the helper', ['setpriv', '--bounding-set=-sys_module', '--inh-caps=-sys_module']],
    ['of another user', ['setpriv', '--reuid=65534', '--clear-groups']],
    ["of a container's own network", ['unshare', '--net']],
    ['of another user namespace', ['unshare', '--user', '--map-root-user']],
  ])('a process %s is not entered', async (_, before) => {
    await start(before);
    expect(await dump()).toMatchObject({
      status: 3,
      stdout: '',
      stderr: expect.stringContaining('no privileged process of calico-node runs on the node\n'),
    });
  });
});
