import { describe, expect, test } from '@jest/globals';
import {
  chooseControls,
  compareControls,
  tryControls,
  unwatchedFlows,
  watchedFlows,
  type Controls,
} from '../../src/plans/control-probes.ts';
import { observed, unavailable } from '../../src/model/evidence.ts';
import type { ControlFlow } from '../../src/model/control-flow.ts';
import type { FlowEnd } from '../../src/model/flow.ts';
import type { ReachAttempt } from '../../src/model/reachability.ts';
import type { Control } from '../../src/model/fix.ts';
import { house, houseDeps, target, type House } from '../support/house.ts';
import { lockedDoor, openDoors } from '../support/sample-plan.ts';

const controls: readonly Control[] = (['reachability', 'denied-flow', 'other-flows'] as const).map((fact) => ({
  fact,
  watches: '',
  notWatched: null,
}));
const podEnd = (namespace: string, name: string): FlowEnd => ({
  kind: 'pod',
  namespace,
  name,
  address: '10.0.0.1',
  node: 'n1',
  nodeAddress: '10.1.0.1',
  interface: 'cali1',
});
const way = (what: ReachAttempt['what'], answer: ReachAttempt['answer']): ReachAttempt => ({
  from: `${what} source`,
  to: 'pod',
  what,
  port: { protocol: 'icmp' },
  sent: 1,
  answered: 1,
  answer,
  detail: '',
});
const denied = (answer: ControlFlow['answer'], detail = ''): ControlFlow => ({
  source: podEnd('shop', 'db'),
  destination: podEnd('default', 'mypod'),
  port: { protocol: 'tcp', number: 8080 },
  refusedBy: 'web',
  answer,
  detail,
});
const old = (answer: ControlFlow['answer'], detail = ''): ControlFlow => ({
  source: podEnd('shop', 'db'),
  destination: podEnd('shop', 'api'),
  port: { protocol: 'tcp', number: 80 },
  refusedBy: null,
  answer,
  detail,
});
const seen = (
  ways: readonly ReachAttempt[] = [],
  deniedFlows: readonly ControlFlow[] = [denied('none')],
  otherFlows: readonly ControlFlow[] = [old('reply')],
): Controls => ({
  source: null,
  ways: observed({ attempts: ways }),
  outcome: {
    flow: 'fails',
    judgedPort: ways.some(({ what, answer }) => what === 'flow' && answer === 'reply') ? 'works' : 'fails',
  },
  flows: { 'denied-flow': observed(deniedFlows), 'other-flows': observed(otherFlows) },
});
const compareDenied = (before: readonly ControlFlow[], after: readonly ControlFlow[]) =>
  compareControls(controls, seen([], before), seen([], after));
const compareOld = (before: readonly ControlFlow[], after: readonly ControlFlow[]) =>
  compareControls(controls, seen([], [], before), seen([], [], after));
const compareAllWays = (before: readonly ReachAttempt[], after: readonly ReachAttempt[]) =>
  compareControls(controls, seen(before), seen(after));

const deniedWords = 'shop/db → default/mypod (8080/tcp, denied by policy web)';
const oldWords = 'shop/db → shop/api (80/tcp)';
/** A line for each flow; how it is put, the golden texts show. */
const good = { worse: [], told: [expect.stringContaining(deniedWords), expect.stringContaining(oldWords)] };

test('nothing got worse: what was watched is told', () => {
  expect(compareControls(controls, seen(), seen())).toEqual(good);
  expect(watchedFlows(seen())).toEqual([deniedWords, oldWords]);
});

test('only what was approved to be watched is compared', () => {
  expect(compareControls([], seen(), seen([], [denied('reply')], [old('none')]))).toEqual({ worse: [], told: [] });
});

describe('a flow that a policy denies', () => {
  test.each([
    ['none', 'none', false],
    ['none', 'unreachable', false],
    ['none', 'reply', true],
    // A rule may refuse in place of dropping; where nothing came back before, the pod itself answers now.
    ['none', 'refused', true],
    ['refused', 'refused', false],
    ['refused', 'reply', true],
    ['unreachable', 'reply', true],
  ] as const)('%s before, %s after: worse %s', (was, is, worse) => {
    expect(compareDenied([denied(was)], [denied(is)]).worse).toEqual(
      worse ? [`${deniedWords} was denied before, and is answered now`] : [],
    );
  });
  test('none was found: it is said', () => {
    expect(compareDenied([], []).told).toContain('no policy-denied flow was found to watch');
  });
  test('answered before already: no control, and it is said', () => {
    expect(compareDenied([denied('reply')], [denied('reply')])).toMatchObject({
      worse: [],
      told: expect.arrayContaining([
        `${deniedWords} was answered before the fix, although a policy denies it`,
        'no policy-denied flow was found to watch',
      ]),
    });
    expect(watchedFlows(seen([], [denied('reply')], []))).toEqual([]);
  });
  test('not tried before: no control, and it is said', () => {
    expect(compareDenied([denied('error', 'the connection is gone')], [denied('reply')])).toMatchObject({
      worse: [],
      told: expect.arrayContaining([`${deniedWords} was not checked: the connection is gone`]),
    });
  });
});

describe('what was not checked again is not worse, and is said', () => {
  test('by the flow', () => {
    expect(
      compareControls(controls, seen(), seen([], [denied('error', 'shop/db is no longer where it was')], [])),
    ).toEqual({
      worse: [],
      told: [
        `${deniedWords} was not checked again: shop/db is no longer where it was`,
        `${oldWords} was not checked again`,
      ],
    });
  });
  test('by the whole look', () => {
    const blind: Controls = {
      source: null,
      ways: unavailable('timeout', 'no answer'),
      outcome: { flow: 'unknown', judgedPort: 'unknown' },
      flows: { 'denied-flow': unavailable('timeout', 'no answer'), 'other-flows': unavailable('timeout', 'no answer') },
    };
    expect(compareControls(controls, seen([way('own-node', 'reply')]), blind)).toEqual({
      worse: [],
      told: [
        'own-node source → pod (icmp) was not checked again',
        `${deniedWords} was not checked again: no answer`,
        `${oldWords} was not checked again: no answer`,
      ],
    });
    expect(compareControls(controls, blind, seen()).told).toEqual([
      'no policy-denied flow was found to watch: no answer',
      'no working flow to another node was found to watch: no answer',
    ]);
  });
});

describe('old flows to other nodes', () => {
  test.each(['none', 'refused', 'unreachable'] as const)('%s after a reply is worse', (answer) => {
    expect(compareOld([old('reply')], [old(answer)]).worse).toEqual([`${oldWords} got a reply before, now ${answer}`]);
  });
  test('what did not get through before is no control', () => {
    expect(compareOld([old('none')], [old('none')])).toEqual({
      worse: [],
      told: ['no policy-denied flow was found to watch', 'no working flow to another node was found to watch'],
    });
  });
});

describe('ways to the pod', () => {
  test('closed by the fix: worse', () => {
    expect(compareAllWays([way('own-node', 'reply')], [way('own-node', 'none')]).worse).toEqual([
      'own-node source → pod (icmp) got a reply before, now none',
    ]);
  });
  test('further ways are not missed where the asked flow gets through now', () => {
    expect(compareAllWays([way('flow', 'none'), way('same-node', 'reply')], [way('flow', 'reply')])).toEqual(good);
    expect(compareAllWays([way('flow', 'none'), way('same-node', 'reply')], [way('flow', 'none')]).told).toEqual([
      'same-node source → pod (icmp) was not checked again',
      ...good.told,
    ]);
  });
});

const tried = (what: ReachAttempt['what'], number: number, answer: ReachAttempt['answer']): ReachAttempt => ({
  ...way(what, answer),
  from: 'source',
  port: { protocol: 'tcp', number },
});

describe('several declared ports', () => {
  test('which of them is the judged one may change: the way is the same', () => {
    const before = [tried('flow', 9090, 'none'), tried('other-port', 8080, 'reply')];
    expect(
      compareAllWays(before, [tried('flow', 8080, 'none'), tried('other-port', 9090, 'reply')]).worse,
    ).toHaveLength(1);
    expect(compareAllWays(before, [tried('flow', 8080, 'reply'), tried('other-port', 9090, 'none')]).worse).toEqual([]);
    expect(compareAllWays(before, [tried('own-node', 8080, 'none')]).worse).toEqual([]);
  });
});

async function engine(world: House) {
  const deps = houseDeps(world, null as never);
  return { ...deps, ...(await deps.open('default')) };
}

describe('flows to watch are chosen before anybody approves', () => {
  const plan = { controls: [...openDoors, lockedDoor], input: {} };
  const { signal } = new AbortController();
  const notWatched = async (world: House) => {
    const chosen = await chooseControls(await engine(world), { run: 'r-1', target }, plan, signal);
    return chosen.map((control) => control.notWatched);
  };

  test('one that is found is watched', async () => {
    const world = house();
    expect(await notWatched(world)).toEqual([null, null]);
    expect(world.watches).toHaveLength(1);
  });
  test('one that there is not: it is said', async () => {
    const world = { ...house(), denied: null };
    expect(await notWatched(world)).toEqual([null, 'no policy-denied flow was found to watch']);
    expect(world.watches).toHaveLength(1);
  });
  test('one that a failed read left unknown is tried again', async () => {
    expect(await notWatched({ ...house(), blindLooks: 1 })).toEqual([null, null]);
  });
  test('one that stays unknown: it is said, with the reason', async () => {
    const world = { ...house(), blindLooks: 2 };
    expect(await notWatched(world)).toEqual([null, 'no policy-denied flow was found to watch: the lane is dark']);
    expect(world.watches).toHaveLength(2);
  });
  test('before and after the fix a failed read is tried again, too', async () => {
    const world = { ...house(), blindLooks: 1 };
    const before = await tryControls(await engine(world), { run: 'r-1', target }, plan, null, signal);
    expect(watchedFlows(before)).toHaveLength(1);
    world.blindLooks = 1;
    const after = await tryControls(await engine(world), { run: 'r-2', target }, plan, before, signal);
    expect(compareControls(plan.controls, before, after).told).toEqual(
      expect.arrayContaining([expect.stringContaining('stays denied')]),
    );
    expect(world.watches).toHaveLength(4);
  });
  test('what was not found is said when the fix is applied', async () => {
    const world = { ...house(), denied: null };
    const before = await tryControls(await engine(world), { run: 'r-1', target }, plan, null, signal);
    expect(unwatchedFlows(plan.controls, before)).toEqual(['no policy-denied flow was found to watch']);
  });
});
