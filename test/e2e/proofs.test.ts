import { beforeAll, expect, test } from '@jest/globals';
import { isAsBefore } from '../../tools/lab/as-before.ts';
import { breakFault, healFaults } from '../../tools/lab/faults/apply.ts';
import { diagnose, offeredFixes, saidBy, startDiagnosis } from '../../tools/lab/diagnosis.ts';
import { describeLab } from '../../tools/lab/harness.ts';
import { labPaths, podPart, type LabPaths } from '../../tools/lab/paths.ts';
import { attempt, run, until } from '../../tools/lab/run.ts';
import { sharedLab } from '../../tools/lab/shared-lab.ts';
import { snapshot, type Snapshot } from '../../tools/lab/snapshot.ts';
import { readTopology } from '../../tools/lab/state.ts';
import { takenBackAfterEach } from '../../tools/lab/take-backs.ts';
import { inPodMeanwhile, loginsAt, onNode } from './disturbances.ts';

const address = '10.244.1.5';
const asked = ['default/mypod', '--from', 'pod:default/client'];
const healthy = { verdict: 'healthy', roots: [], consequences: [], latent: [] };
const dropped = { verdict: 'fault', roots: ['foreign-rule-drops'], consequences: [], latent: [] };
const dropRule = ['-d', `${address}/32`, '-m', 'comment', '--comment', 'host firewall', '-j', 'DROP'];
const rewritten = `iptables-legacy -R FORWARD 2 ${dropRule.map((part) => `'${part}'`).join(' ')}`;

/** New flows to the pod from another one, some ten a second, whether or not they are answered. */
const pings = `while :; do ping -n -c 1 -W 1 ${address} & sleep 0.1; done`;
const connects = `while :; do timeout 0.5 bash -c 'exec 3<>/dev/tcp/${address}/8080' & sleep 0.1; done`;

describeLab('proofs while the lab is not quiet', () => {
  const name = sharedLab('--dataplane', 'legacy');
  const paths = labPaths(name);
  const now = () => readTopology(paths);
  const takeBacks = takenBackAfterEach();
  const meanwhile = async (pod: string, script: string) => void takeBacks.push(await inPodMeanwhile(name, pod, script));
  const inClient = (argv: string[]) =>
    attempt(['nsenter', `--net=${paths.namespaceFile(podPart('default', 'client'))}`, '--', ...argv]);
  let quiet: Snapshot;

  /** Below Felix's first rule: above it, Felix would put its own above when it next checks, in the middle of a test. */
  const dropping = async () => {
    await onNode(name, 'node-a', ['iptables-legacy', '-I', 'FORWARD', '2', ...dropRule]);
    takeBacks.push(() => onNode(name, 'node-a', ['iptables-legacy', '-D', 'FORWARD', ...dropRule]));
  };
  /** How often the drop rule has dropped anything. */
  const dropCount = async () =>
    Number(
      /\[(\d+):\d+\] -A FORWARD .*host firewall/.exec(
        await onNode(name, 'node-a', ['iptables-legacy-save', '-c']),
      )?.[1],
    );

  beforeAll(async () => {
    quiet = await snapshot(now());
  }, 120_000);

  test('a run leaves nodes as they were: one login a node, no process, folder or promiscuous card, no rule changed', async () => {
    const nodes = now().nodes.map((node) => node.name);
    const left = () =>
      Promise.all(
        nodes.map(async (node) => ({
          processes: (await onNode(name, node, ['ps', '-eo', 'pid=,args=']))
            .split('\n')
            .filter((line) => /chatops-node|tcpdump|\bping\b|\bsudo\b|dev\/tcp/.test(line)),
          // Lock files of at most eight sessions stay.
          folders: await onNode(name, node, [
            'sh',
            '-c',
            'find /run/calico-chatops* -mindepth 1 -type d 2>/dev/null; true',
          ]),
          promiscuous: (await onNode(name, node, ['sh', '-c', 'cat /sys/class/net/*/flags']))
            .split('\n')
            .filter((flags) => (Number(flags) & 0x100) !== 0),
        })),
      );
    const untouched = nodes.map(() => ({ processes: [], folders: '', promiscuous: [] }));
    expect(await left()).toEqual(untouched);
    const logins = await Promise.all(nodes.map((node) => loginsAt(name, node)));
    await dropping();
    const broken = await snapshot(now());
    expect(saidBy((await startDiagnosis(name, ...asked)).verdict)).toEqual(dropped);
    // What the node's SSH server still has to end, it ends by itself.
    await until('helpers to end', 15, async () =>
      JSON.stringify(await left()) === JSON.stringify(untouched) ? true : null,
    );
    expect(await snapshot(now())).toEqual(broken);
    const since = await Promise.all(nodes.map(async (node, at) => (await loginsAt(name, node)) - (logins[at] ?? 0)));
    expect(Math.max(...since)).toBe(1);
  }, 90_000);

  test('in quiet, the counter of the drop rule proves it', async () => {
    await dropping();
    const { verdict } = await diagnose(name, ...asked);
    expect([saidBy(verdict), verdict.roots[0]?.proof]).toEqual([dropped, 'counter']);
    expect(verdict.roots[0]?.detail).toContain('ended there (180 bytes), and none');
  }, 60_000);

  test('the counter proves a drop of the tunnel packets too, each 20 bytes longer than what it carries', async () => {
    const rule = ['INPUT', '-p', '4', '-j', 'DROP']; // in a table that has no rule of Felix in this chain
    await onNode(name, 'node-a', ['iptables-legacy', '-t', 'mangle', '-I', ...rule]);
    takeBacks.push(() => onNode(name, 'node-a', ['iptables-legacy', '-t', 'mangle', '-D', ...rule]));
    const { verdict } = await diagnose(name, ...asked);
    expect([saidBy(verdict), verdict.roots[0]?.proof]).toEqual([dropped, 'counter']);
    expect(verdict.roots[0]?.detail).toContain('ended there (240 bytes), and none');
  }, 60_000);

  test.each([
    ['pings', pings],
    ['connects', connects],
  ])(
    '%s of another pod that the same rule drops: the cause, and no proof that is none',
    async (_, script) => {
      await dropping();
      await meanwhile('default/twin', script);
      await until('the rule to drop them', 20, async () => ((await dropCount()) > 3 ? true : null));
      const { verdict } = await diagnose(name, ...asked);
      expect([saidBy(verdict), verdict.roots[0]?.proof]).toEqual([dropped, 'inferred']);
      expect(verdict.roots[0]?.detail).toMatch(/it rose by \d+ packets/);
    },
    60_000,
  );

  test('packets of others in place of ours, which are lost before the rule, prove nothing', async () => {
    await breakFault(now(), 'ipip-blocked', []);
    takeBacks.push(() => healFaults(now(), 'ipip-blocked'));
    await dropping();
    // Three connects of another pod, just when ours are sent: as many, and as long.
    await meanwhile(
      'default/client',
      `until ss -tn state syn-sent dst ${address} | grep -q ${address}; do sleep 0.01; done; nsenter --net=${paths.namespaceFile(podPart('shop', 'db'))} bash -c 'for i in 1 2 3; do timeout 0.5 bash -c "exec 3<>/dev/tcp/${address}/8080" & done; wait'; sleep 60`,
    );
    const { verdict } = await diagnose(name, ...asked);
    expect(saidBy(verdict)).toEqual({ ...dropped, roots: ['foreign-rule-drops', 'ipip-lost-between-nodes'] });
    const root = verdict.roots.find(({ rule }) => rule === 'foreign-rule-drops');
    // Packets from the pod's own node may prove it as well; those that were asked for may not.
    expect([root?.proof, root?.detail]).not.toEqual(['counter', expect.stringContaining('of 3 test packets')]);
    expect(await dropCount()).toBeGreaterThanOrEqual(6);
  }, 60_000);

  test('a chain that is written anew between the snapshots proves nothing', async () => {
    await dropping();
    await inClient(['ping', '-n', '-c', '5', '-i', '0.2', '-W', '1', address]);
    expect(await dropCount()).toBeGreaterThanOrEqual(5);
    const rewrite = until('the probes to be under way', 30, async () =>
      (await inClient(['ss', '-tnH', 'state', 'syn-sent', 'dst', address])).stdout === '' ? null : true,
    ).then(() => onNode(name, 'node-a', ['sh', '-c', rewritten]));
    const [{ verdict }] = await Promise.all([diagnose(name, ...asked), rewrite]);
    expect([saidBy(verdict), verdict.roots[0]?.proof]).toEqual([dropped, 'inferred']);
    expect(verdict.roots[0]?.detail).toMatch(/it was rewritten|the chain FORWARD changed|is another in snapshot/);
  }, 60_000);

  test.each([
    ['another pod', 'default/twin'],
    ['the asked source itself', 'default/client'],
  ])(
    'a healthy pod with busy clients is healthy: %s',
    async (_, pod) => {
      const before = await accepted(paths);
      await meanwhile(pod, `(${pings}) & (${connects}) & wait`);
      await until('the pod to be busy', 40, async () => ((await accepted(paths)) > before ? true : null));
      const { result, verdict } = await diagnose(name, ...asked);
      expect([result.status, saidBy(verdict), offeredFixes(verdict)]).toEqual([0, healthy, []]);
    },
    60_000,
  );

  test('and all of it is as it was', async () => {
    await isAsBefore(name, quiet);
  }, 30_000);
});

/** Connections that the pod's network namespace has accepted so far: short ones are gone before anybody lists them. */
async function accepted(paths: LabPaths): Promise<number> {
  const [names = '', values = ''] = (
    await run(['nsenter', `--net=${paths.namespaceFile(podPart('default', 'mypod'))}`, '--', 'cat', '/proc/net/snmp'])
  )
    .split('\n')
    .filter((line) => line.startsWith('Tcp:'));
  return Number(values.split(' ')[names.split(' ').indexOf('PassiveOpens')]);
}
