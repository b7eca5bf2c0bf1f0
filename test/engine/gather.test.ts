import { expect, test } from '@jest/globals';
import { defineCommand, type Command, type CommandRequest } from '../../src/model/command.ts';
import { observed, unavailable } from '../../src/model/evidence.ts';
import { LookError } from '../../src/model/look-error.ts';
import type { NodeShells } from '../../src/model/ports.ts';
import { defineClusterProbe, defineNodeProbe } from '../../src/model/probe.ts';
import { defineComputed } from '../../src/model/computed.ts';
import { startGathering } from '../../src/engine/gather.ts';
import type { Pod } from '../../src/model/kubernetes.ts';
import { giver } from '../probes/scripted.ts';
import { running } from '../probes/transcript.ts';
import { aPod, clock, cluster, gathering, namespaceProbe, podProbe, shells, target } from './gathered.ts';

test('a probe runs once, however many ask, and only when somebody does', async () => {
  const runs = { count: 0 };
  const one = gathering(
    podProbe(async () => aPod, runs),
    namespaceProbe,
  );
  expect(runs.count).toBe(0);
  const [pod, again, namespace] = await Promise.all([one.fact('pod'), one.fact('pod'), one.fact('namespace')]);
  expect(runs.count).toBe(1);
  expect(pod).toEqual(again);
  expect(namespace).toEqual(observed({ metadata: { name: 'of p' } }));
});

test('a probe runs the commands that it declares, and none that writes', async () => {
  const [read, other] = ['read', 'other'].map((id) =>
    defineCommand({ id, argv: [id], timeoutSeconds: 1, maxBytes: 1 }),
  );
  const write = defineCommand({ id: 'write', argv: ['write'], timeoutSeconds: 1, maxBytes: 1, writes: true });
  const ran: CommandRequest[] = [];
  const recording: NodeShells = {
    ...shells,
    shell: ({ name }) => ({
      node: name,
      start: (request) => {
        ran.push(request);
        return running(name, {});
      },
    }),
  };
  const asking = async (command: Command | undefined) => {
    const probe = defineNodeProbe({
      id: 'felix',
      description: '',
      kind: 'passive',
      place: 'node',
      places: ['target'],
      essential: false,
      commands: read ? [read, write] : [],
      needs: [],
      provides: ['felix'],
      async read(look) {
        if (command) await look.run(command as never);
        return { felix: observed({ processes: [], liveness: null, readiness: null }) };
      },
    });
    const node = { metadata: { name: 'n1' }, status: { addresses: [{ type: 'InternalIP', address: '10.0.0.1' }] } };
    const placed: Pod = { ...aPod, spec: { containers: [], nodeName: 'n1' } };
    const there = [giver('nodes', observed([node])), giver('pod', observed(placed))];
    return startGathering(
      { probes: [probe, ...there], computed: [], cluster, shells: recording, clock },
      target,
      'r-1',
      new AbortController().signal,
    ).fact('felix@target');
  };
  expect(await asking(read)).toMatchObject({ status: 'observed' });
  expect(await asking(other)).toMatchObject({
    status: 'unavailable',
    reason: 'felix: felix does not declare that it runs other',
  });
  expect(await asking(write)).toMatchObject({
    status: 'unavailable',
    reason: 'felix: felix: a probe must not run write, which writes',
  });
  expect(ran).toEqual([{ command: read, moment: 'first', params: {} }]);
});

test('a look that failed is a missing fact with its code, and what needs it says so', async () => {
  const one = gathering(
    podProbe(async () => {
      throw new LookError('ssh-lost', 'gone');
    }),
    namespaceProbe,
  );
  expect(await one.fact('namespace')).toEqual(unavailable('needed-fact-missing', 'needs pod: gone'));
  expect(one.missed()).toEqual([
    { probe: 'pod', node: null, key: 'pod', fact: unavailable('ssh-lost', 'gone'), behind: ['namespace'] },
  ]);
});

const named = () =>
  defineComputed({
    id: 'controller-log',
    description: '',
    essential: false,
    needs: ['namespace'],
    compute: (facts) => observed([facts.get('namespace').metadata.name]),
  });

test('a computed fact is worked out once, from facts that probes read', async () => {
  const runs = { count: 0 };
  const one = startGathering(
    { probes: [podProbe(async () => aPod, runs), namespaceProbe], computed: [named()], cluster, shells, clock },
    target,
    'r-1',
    new AbortController().signal,
  );
  expect([
    await one.fact('controller-log'),
    (await one.fact('controller-log')) === (await one.fact('controller-log')),
    runs.count,
  ]).toEqual([observed(['of p']), true, 1]);
});

test('what a computed fact rests on is missing: it says so, and the look that failed names it', async () => {
  const one = startGathering(
    {
      probes: [
        podProbe(async () => {
          throw new LookError('ssh-lost', 'gone');
        }),
        namespaceProbe,
      ],
      computed: [named()],
      cluster,
      shells,
      clock,
    },
    target,
    'r-1',
    new AbortController().signal,
  );
  expect(await one.fact('controller-log')).toMatchObject({ status: 'unavailable', code: 'needed-fact-missing' });
  expect(one.missed()).toEqual([
    expect.objectContaining({ probe: 'pod', behind: expect.arrayContaining(['namespace', 'controller-log']) }),
  ]);
});

test('a fact that a probe provides cannot be computed as well', () => {
  expect(() =>
    startGathering(
      {
        probes: [namespaceProbe],
        computed: [
          defineComputed({
            id: 'namespace',
            description: '',
            essential: false,
            needs: [],
            compute: () => unavailable('not-applicable', ''),
          }),
        ],
        cluster,
        shells,
        clock,
      },
      target,
      'r-1',
      new AbortController().signal,
    ),
  ).toThrow('both namespace and namespace provide namespace');
});

test('an error of the probe itself costs its facts, not the run', async () => {
  const fact = await gathering(
    podProbe(async () => {
      throw new TypeError('oops');
    }),
  ).fact('pod');
  expect(fact).toEqual(unavailable('not-parsed', 'pod: oops'));
});

test('what does not apply does not count as missed', async () => {
  const one = gathering(
    podProbe(async () => {
      throw new LookError('not-applicable', 'no such thing');
    }),
    namespaceProbe,
  );
  expect(await one.fact('namespace')).toEqual(unavailable('not-applicable', 'no such thing'));
  expect(one.missed()).toEqual([]);
});

test('two probes for one fact are refused at the start', () => {
  expect(() =>
    gathering(
      podProbe(async () => aPod),
      podProbe(async () => aPod),
    ),
  ).toThrow('provide pod');
});

test('the same run and purpose give the same nonce, another run another', async () => {
  const nonces: number[] = [];
  const probe = defineClusterProbe({
    id: 'pod',
    description: '',
    kind: 'passive',
    place: 'cluster',
    essential: true,
    commands: [],
    needs: [],
    provides: ['pod'],
    async read(look) {
      nonces.push(look.nonce('x'));
      return { pod: observed(aPod) };
    },
  });
  for (const run of ['r-1', 'r-1', 'r-2'])
    await startGathering(
      { probes: [probe], computed: [], cluster, shells, clock },
      target,
      run,
      new AbortController().signal,
    ).fact('pod');
  expect(nonces[0]).toBe(nonces[1]);
  expect(nonces[2]).not.toBe(nonces[0]);
});

test('what a fact could not read beside its value is missed, on the node that it names', async () => {
  const gaps = [
    { code: 'tool-missing' as const, reason: 'no ipset', node: 'n2' },
    { code: 'timeout' as const, reason: 'too slow', node: null },
  ];
  const one = gathering(giver('pod', observed(aPod, [], gaps)));
  await one.fact('pod');
  await one.fact('pod');
  expect(one.missed().map(({ node, fact }) => [node, fact.code, fact.reason])).toEqual([
    ['n2', 'tool-missing', 'no ipset'],
    [null, 'timeout', 'too slow'],
  ]);
  expect((await one.fact('pod')).status).toBe('observed');
});

const sending = (essential: boolean | readonly string[]) =>
  defineClusterProbe({
    id: 'sending',
    description: '',
    kind: 'active',
    place: 'cluster',
    essential,
    commands: [],
    needs: [],
    provides: ['reachability', 'path-capture'],
    async read() {
      const none = unavailable('tool-missing', 'no tcpdump');
      return { reachability: none, 'path-capture': none };
    },
  });

test('of a probe with several facts, only the essential ones keep a run from being healthy', async () => {
  expect(await gathering(sending(['reachability'])).missedEssentials()).toEqual(['reachability']);
  expect(await gathering(sending(true)).missedEssentials()).toEqual(['reachability', 'path-capture']);
  expect(await gathering(sending(false)).missedEssentials()).toEqual([]);
});

test("an asked source's node is known while the flow still waits for the pod's node", async () => {
  const client: Pod = { metadata: { namespace: 'default', name: 'client' }, spec: { containers: [], nodeName: 'n2' } };
  const listed = defineClusterProbe({
    id: 'pods',
    description: '',
    kind: 'passive',
    place: 'cluster',
    essential: false,
    commands: [],
    needs: [],
    provides: ['pods', 'nodes'],
    read: async () => ({
      pods: observed([client]),
      nodes: observed([
        { metadata: { name: 'n2' }, status: { addresses: [{ type: 'InternalIP', address: '10.0.0.2' }] } },
      ]),
    }),
  });
  const slow = defineClusterProbe({
    id: 'slow',
    description: '',
    kind: 'passive',
    place: 'cluster',
    essential: false,
    commands: [],
    needs: [],
    provides: ['flow'],
    read: () => new Promise<never>(() => undefined),
  });
  const from = { kind: 'pod', namespace: 'default', name: 'client' } as const;
  const asked = startGathering(
    { probes: [listed, slow], computed: [], cluster, shells, clock },
    { ...target, from },
    'r-1',
    new AbortController().signal,
  );
  expect(await asked.place('source')).toMatchObject({ value: { name: 'n2', address: '10.0.0.2' } });
});
