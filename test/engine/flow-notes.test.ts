import type { Pod } from '../../src/model/kubernetes.ts';
import { describe, expect, test } from '@jest/globals';
import { flowNotes } from '../../src/engine/flow-notes.ts';
import { outsideEnd } from '../../src/flow-walks/ends.ts';
import { settleStep } from '../../src/engine/settle-step.ts';
import { judge } from '../../src/engine/verdict.ts';
import { observed, unavailable, type Fact } from '../../src/model/evidence.ts';
import type { ServiceState } from '../../src/model/service.ts';
import type { FlowState } from '../../src/model/flow-state.ts';
import type { FactKey } from '../../src/model/facts.ts';
import type { Flow } from '../../src/model/flow.ts';
import type { Reachability, ReachAttempt } from '../../src/model/reachability.ts';
import type { PathSizes } from '../../src/model/path-sizes.ts';
import { defineRule, pass, type RawFinding } from '../../src/model/rule.ts';
import { factOf, type Facts } from '../support/facts.ts';
import type { Gathering } from '../../src/engine/gather.ts';
import { end, flowWith, tcp, tried } from '../support/attempts.ts';
import { rawFinding } from '../support/raw-finding.ts';
import { fullSizes, limitedWay, sizedWay, sizesOf } from '../support/sizes.ts';

function gathering(
  flow: Fact<Flow>,
  reachability: Fact<Reachability>,
  sizes: Fact<PathSizes> = observed(fullSizes),
): Gathering {
  const facts: Facts = { flow, reachability, 'path-sizes': sizes };
  return {
    fact: (key: FactKey) => factOf(facts, key),
    missed: () => [],
    usedMemory: () => false,
    place: async () => unavailable('not-recorded', ''),
  } as unknown as Gathering;
}
const notesOf = (flow: Partial<Flow>, ...attempts: ReachAttempt[]) =>
  flowNotes(gathering(observed(flowWith(flow)), observed({ attempts })));
const others = (...ports: number[]) => ({ otherPorts: ports.map((port) => ({ port: tcp(port), source: end })) });
const two = others(9090);
const beyond = { untriedPorts: [{ port: tcp(9099), refused: null }] };

describe('notes say what was not judged, and how to ask for it', () => {
  test.each<[string, Partial<Flow>, readonly ReachAttempt[], readonly string[]]>([
    ['nothing to say', two, [tried('flow', 8080, 'reply'), tried('other-port', 9090, 'reply')], []],
    [
      'a port that did not answer',
      two,
      [tried('flow', 8080, 'reply'), tried('other-port', 9090, 'none')],
      ['9090/tcp did not answer from default/client. To diagnose it alone, use --port 9090/tcp.'],
    ],
    [
      'a port that could not be tried',
      two,
      [tried('other-port', 9090, 'error')],
      ['9090/tcp could not be tried from default/client. To diagnose it alone, use --port 9090/tcp.'],
    ],
    [
      'more ports than are tried',
      beyond,
      [],
      ['9099/tcp was not tried: the pod declares more TCP ports than one run tries. To try one, use --port 9099/tcp.'],
    ],
    [
      'a port that admits others',
      { untriedPorts: [{ port: tcp(9090), refused: { policy: 'P', admitted: 'pod:mon/prom' } }] },
      [],
      [
        '9090/tcp was not tried: policy P denies it from the chosen source and allows other sources. To try it, use --from pod:mon/prom --port 9090/tcp.',
      ],
    ],
    [
      'a source that was passed over',
      {
        refusedByDesign: [
          { source: 'a/b', policy: 'P', ports: null },
          { source: 'c/d', policy: 'Q', ports: [tcp(9090)] },
        ],
      },
      [],
      [
        'Policy P denies a/b and allows other sources. I take this as intended, not as a fault.',
        'Policy Q denies c/d on 9090/tcp and allows other sources. I take this as intended, not as a fault.',
      ],
    ],
  ])('%s', async (_, flow, attempts, notes) => {
    expect(await notesOf(flow, ...attempts)).toEqual(notes);
  });
});

const open = (where: string, why = '') =>
  `Full-sized packets were not seen to arrive ${where}${why}. Only small ones were. Larger packets can be lost.`;

describe('notes say what is not known of large packets, where small ones get through', () => {
  const works = observed({ attempts: [tried('flow', 8080, 'reply')] });
  const [to, back] = ['at the pod', 'back from the pod'];
  const elsewhere = observed(flowWith({ destination: { ...end, name: 'mypod', node: 'n1' } }));
  test.each<[string, Fact<PathSizes>, readonly string[]]>([
    ['full-sized ones get through as well', observed(fullSizes), []],
    ['they vanish: a finding says so', observed(sizesOf([limitedWay('flow'), sizedWay('reply')])), []],
    ['the way there was not tried', observed(sizesOf([sizedWay('reply')])), [open(to)]],
    [
      'the way back could not be',
      observed(sizesOf([sizedWay('flow')], { untried: ['no -M'] })),
      [open(back, ' (no -M)')],
    ],
    ['no way was', observed(sizesOf([])), [open('in either direction')]],
    [
      'a hop says how much it takes',
      observed(
        sizesOf([sizedWay('flow', { told: 1400, full: 1400, passed: 1400 }), sizedWay('back'), sizedWay('reply')]),
      ),
      ['The path takes packets of up to 1400 bytes and tells senders so. TCP connections adapt.'],
    ],
    [
      'nobody could look',
      unavailable('command-failed', 'no ping'),
      ['Only small packets were tried: no ping. Larger packets can still be lost.'],
    ],
    ['it does not matter', unavailable('not-applicable', 'small ones are lost'), []],
  ])('%s', async (_, sizes, notes) => expect(await flowNotes(gathering(elsewhere, works, sizes))).toEqual(notes));

  test('nothing, where small ones do not', async () =>
    expect(
      await flowNotes(
        gathering(elsewhere, observed({ attempts: [tried('flow', 8080, 'none')] }), observed(sizesOf([]))),
      ),
    ).toEqual([]));
});

describe('of a pod with both kinds of address, a note says how to try the other one', () => {
  const addresses = ['10.244.1.5', 'fd00:10:244:1::5'].map((ip) => ({ ip }));
  const pod = {
    metadata: { name: 'mypod', namespace: 'default' },
    spec: { containers: [] },
    status: { podIP: '10.244.1.5', podIPs: addresses },
  };
  const webService: ServiceState = {
    namespace: 'default',
    name: 'web',
    type: 'ClusterIP',
    address: null,
    ports: [],
    askedPort: null,
    selector: 'app=web',
    onlyLocal: false,
    endpoints: [],
  };
  const noteOf = async (flow: Partial<Flow>, more: Facts = {}) => {
    const facts: Facts = { pod: observed(pod), flow: observed(flowWith(flow)), ...more };
    const notes = await flowNotes({ fact: (key) => factOf(facts, key) });
    return notes.find((note) => note.startsWith('Only IPv4'));
  };

  test('by the family', async () => {
    expect(await noteOf({})).toContain('about default/mypod with --family ipv6 ');
  });

  const served = (service: Pick<ServiceState, 'address' | 'otherAddress'>, flow: Partial<Flow> = {}) =>
    noteOf(flow, {
      service: observed({ ...webService, ...service }),
      'target-choice': observed({ asked: 'svc:default/web', others: [], untried: [], pending: [] }),
    });
  test('of a Service, by its own other address', async () => {
    const note = await served({ address: '198.51.100.9', otherAddress: '2001:db8::9' });
    expect(note).toContain('Service default/web also has the IPv6 address 2001:db8::9.');
    expect(note).toContain('about svc:default/web with --family ipv6 ');
    const fixed = { source: outsideEnd('203.0.113.7') };
    expect(await served({ address: '198.51.100.9', otherAddress: '2001:db8::9' }, fixed)).toContain(
      'Ask again about svc:default/web from an IPv6 address',
    );
  });
  test('of a Service with one address there is nothing else to try', async () => {
    expect(await served({ address: '198.51.100.9' })).toBeUndefined();
  });
  test('of a Service without an address, by the other address of its pod', async () => {
    const note = await served({ address: null });
    expect(note).toContain('default/mypod also has the IPv6 address fd00:10:244:1::5.');
    expect(note).toContain('about svc:default/web with --family ipv6 ');
  });

  test('by hand, where an address outside says the family: another one would be refused', async () => {
    const note = await noteOf({ source: outsideEnd('203.0.113.7') });
    expect(note).not.toContain('--family');
    expect(note).toContain('ping -6 fd00:10:244:1::5');
  });
});

test('another pod of several is asked for in its own cluster', async () => {
  const facts: Facts = {
    flow: observed(flowWith({})),
    reachability: observed({ attempts: [tried('other-pod', 8080, 'none')] }),
    'target-choice': observed({ asked: 'svc:default/web', others: [], untried: ['default/third'], pending: [] }),
  };
  const noteIn = async (cluster?: string) =>
    (await flowNotes({ fact: (key) => factOf(facts, key) }, cluster)).find((note) => note.startsWith('Of svc:'));
  expect(await noteIn()).toMatch(/use diagnose \S+\. 1 other pods/);
  expect(await noteIn('west')).toMatch(/use diagnose \S+ with --cluster west \(in Slack: in west\)\./);
});

const podCalled = (name: string): Pod => ({ metadata: { namespace: 'default', name }, spec: { containers: [] } });
test('beside a pod that no packet is sent to, those that run are told, and those that wait as well', async () => {
  const facts: Facts = {
    pod: observed(podCalled('web-1')),
    'target-choice': observed({
      asked: 'deploy:default/web',
      others: [podCalled('web-2')],
      untried: [],
      pending: ['default/web-3'],
    }),
  };
  expect(await flowNotes({ fact: (key) => factOf(facts, key) })).toEqual([
    'Of deploy:default/web, pod default/web-1 was judged. Running, and not tried: default/web-2. Pending, and not ' +
      'tried: default/web-3. To diagnose one of them, use diagnose default/web-3.',
  ]);
});

const rule = defineRule({
  id: 'r',
  description: '',
  step: 'reachability',
  requires: [],
  messages: { m: { title: 'It is closed', detail: '' } },
  judge: () => pass(''),
});
const failing = (...findings: RawFinding[]) => ({ rule, outcome: { outcome: 'fail', findings }, missing: [] }) as const;

const placeOf = (over: Partial<RawFinding>, flow: FlowState, judgedPort: FlowState) => {
  const { verdict, roots, latent } = judge({ evaluations: [failing(rawFinding(over))], missed: [], flow, judgedPort });
  return [verdict, roots.length, latent.length];
};
const passing = { rule, outcome: { outcome: 'pass', by: 'x' }, missing: [] } as const;
const verdictWhere = (flow: FlowState) =>
  judge({ evaluations: [passing], missed: [], flow, judgedPort: 'works' }).verdict;

describe('what a port that works disproves', () => {
  test('a finding about the judged packet, though another port fails', () => {
    expect(placeOf({}, 'fails', 'works')).toEqual(['fault', 0, 1]);
    expect(placeOf({}, 'fails', 'fails')).toEqual(['fault', 1, 0]);
  });
  test('not one about the other port', () => {
    expect(placeOf({ onOtherPort: true }, 'fails', 'works')).toEqual(['fault', 1, 0]);
    expect(placeOf({ onOtherPort: true, stopsFlow: false }, 'fails', 'works')).toEqual(['fault', 0, 1]);
  });
  test('not one about packets larger than the judged one', () => {
    expect(placeOf({ ofLargePackets: true }, 'fails', 'works')).toEqual(['fault', 1, 0]);
    expect(placeOf({ ofLargePackets: true }, 'works', 'works')).toEqual(['fault', 0, 1]);
  });
  test('healthy is said only of all of them', () => {
    expect([verdictWhere('works'), verdictWhere('fails'), verdictWhere('unknown')]).toEqual([
      'healthy',
      'inconclusive',
      'inconclusive',
    ]);
  });
});

describe('the line of the step', () => {
  const clock = { now: () => new Date(0), sleep: async () => {} };
  const line = async (reachability: Fact<Reachability>, evaluations: Parameters<typeof settleStep>[1] = []) => {
    const { status, summary } = await settleStep(
      'reachability',
      evaluations,
      gathering(observed(flowWith(two)), reachability),
      new Date(0),
      clock,
    );
    return [status, summary];
  };
  test('names every port that was tried, and what the pod refuses', async () => {
    const attempts = [tried('flow', 8080, 'reply'), tried('other-port', 9090, 'refused')];
    expect(await line(observed({ attempts }), [failing(rawFinding({}))])).toEqual([
      'fail',
      'default/client → default/mypod (tcp port 8080): 1/1; default/client → default/mypod (tcp port 9090): 0/1; It is closed',
    ]);
  });
  test('nothing was sent: why, and what is thought all the same', async () => {
    expect(
      await line(unavailable('not-supported', 'not yet'), [
        { rule, outcome: { outcome: 'inconclusive', why: 'it seems closed' }, missing: [] },
      ]),
    ).toEqual(['inconclusive', 'not yet; it seems closed']);
    expect(await line(unavailable('not-applicable', 'the pod is not running'))).toEqual([
      'skipped',
      'the pod is not running',
    ]);
  });
});
