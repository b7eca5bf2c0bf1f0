import { describe, expect, test } from '@jest/globals';
import { triedOutcome } from '../../src/computed/tried-outcome.ts';
import { observed, unavailable, type Fact } from '../../src/model/evidence.ts';
import type { Flow } from '../../src/model/flow.ts';
import type { Reachability, ReachAttempt } from '../../src/model/reachability.ts';
import type { FlowOutcome, FlowState } from '../../src/model/flow-state.ts';
import type { Area, Passage } from '../../src/model/passage.ts';
import type { FlowPort } from '../../src/model/target.ts';
import { derive } from '../support/facts.ts';
import type { PathSizes } from '../../src/model/path-sizes.ts';
import { end, flowWith, tcp, tried } from '../support/attempts.ts';
import { fullSizes, limitedWay, sizesOf } from '../support/sizes.ts';

const outcome = async (flow: Fact<Flow>, reachability: Fact<Reachability>) => {
  const found = await derive({ flow, reachability }, triedOutcome);
  return found?.status === 'observed' ? found.value : null;
};
const others = (...ports: number[]) => ({ otherPorts: ports.map((port) => ({ port: tcp(port), source: end })) });
const two = others(9090);
const beyond = { untriedPorts: [{ port: tcp(9099), refused: null }] };

describe('the flow works when every port that was asked about answers', () => {
  test.each<[string, Partial<Flow>, readonly ReachAttempt[], FlowState, FlowState]>([
    ['one port that answers', {}, [tried('flow', 8080, 'reply')], 'works', 'works'],
    ['one port that does not', {}, [tried('flow', 8080, 'refused')], 'fails', 'fails'],
    ['the try itself failed', {}, [tried('flow', 8080, 'error')], 'unknown', 'unknown'],
    ['both answer', two, [tried('flow', 8080, 'reply'), tried('other-port', 9090, 'reply')], 'works', 'works'],
    [
      'only the judged one answers',
      two,
      [tried('flow', 8080, 'reply'), tried('other-port', 9090, 'none')],
      'fails',
      'works',
    ],
    [
      'only the other one answers',
      two,
      [tried('flow', 8080, 'none'), tried('other-port', 9090, 'reply')],
      'fails',
      'fails',
    ],
    [
      'the other could not be tried',
      two,
      [tried('flow', 8080, 'reply'), tried('other-port', 9090, 'error')],
      'unknown',
      'works',
    ],
    ['nobody tried the other', two, [tried('flow', 8080, 'reply')], 'unknown', 'works'],
    [
      'one of three could not be tried, and one failed',
      others(9090, 9100),
      [tried('flow', 8080, 'reply'), tried('other-port', 9090, 'error'), tried('other-port', 9100, 'none')],
      'fails',
      'works',
    ],
    ['there are more ports than are tried', beyond, [tried('flow', 8080, 'reply')], 'unknown', 'works'],
    [
      'another way to the pod fails: it was not asked about',
      {},
      [tried('flow', 8080, 'reply'), tried('own-node', 8080, 'none')],
      'works',
      'works',
    ],
  ])('%s', async (_, flow, attempts, state, judgedPort) => {
    expect(await outcome(observed(flowWith(flow)), observed({ attempts }))).toEqual({
      flow: state,
      judgedPort,
      ...(judgedPort === 'works' && state !== 'works' ? { answeredPart: 'judged-port' } : {}),
    });
  });
  test.each<[string, PathSizes, FlowState]>([
    ['full-sized packets get through', fullSizes, 'works'],
    ['packets above a size vanish', sizesOf([limitedWay('flow'), limitedWay('reply')]), 'fails'],
    ['nobody knows of large ones', sizesOf([]), 'works'],
    ['too few were lost to tell', sizesOf([limitedWay('flow', { samples: { passed: 9, lost: 1 } })]), 'works'],
  ])('every size counts: %s', async (_, sizes, state) => {
    const facts = {
      flow: observed(flowWith({})),
      reachability: observed({ attempts: [tried('flow', 8080, 'reply')] }),
      'path-sizes': observed(sizes),
    };
    expect(await derive(facts, triedOutcome)).toMatchObject({
      value: {
        flow: state,
        judgedPort: 'works',
        ...(state === 'fails' ? { answeredPart: 'small-packets' } : {}),
      },
    });
  });
  test('of several pods, that one of them answers is said; of a Service, its own address alone counts', async () => {
    const attempts = [tried('flow', 8080, 'reply'), tried('other-pod', 8080, 'none'), tried('service', 80, 'none')];
    const several = { otherPods: [{ ...end, pod: 'x' }] } as unknown as Partial<Flow>;
    const behind = { service: { name: 'web' } } as unknown as Partial<Flow>;
    const part = async (flow: Partial<Flow>) => await outcome(observed(flowWith(flow)), observed({ attempts }));
    expect([await part(several), await part(behind)]).toEqual([
      { flow: 'fails', judgedPort: 'works', answeredPart: 'judged-pod' },
      { flow: 'fails', judgedPort: 'works' },
    ]);
  });
  test('nothing was sent', async () => {
    expect(await outcome(observed(flowWith(two)), unavailable('not-supported', 'no'))).toEqual({
      flow: 'unknown',
      judgedPort: 'unknown',
    });
  });
});

describe('a datagram without an answer', () => {
  const udp: FlowPort = { protocol: 'udp', number: 53 };
  const judged = async (areas: readonly Area[] | null, answer: ReachAttempt['answer'] = 'none') => {
    const passage: Passage = {
      marks: [],
      between: [],
      stop: areas && { lastSeen: 0, missing: 1, direction: null, areas },
    };
    const attempts = [{ ...tried('flow', 53, answer), port: udp }];
    const facts = { flow: observed(flowWith({ port: udp })), reachability: observed({ attempts }) };
    const found = await derive({ ...facts, passage: observed(passage) }, triedOutcome);
    return found?.status === 'observed' ? (found.value as FlowOutcome).judgedPort : null;
  };
  test.each<[string, readonly Area[] | null, FlowState]>([
    ['lost between the nodes: the flow fails', ['underlay'], 'fails'],
    ["its answer lost on the source's node: the flow fails", ['source-node'], 'fails'],
    ['it arrived, and the service may have nothing to say', ['target-pod'], 'unknown'],
    ['nobody saw where it came', ['underlay', 'target-node', 'target-pod'], 'unknown'],
    ['nothing was captured', null, 'unknown'],
  ])('%s', async (_, areas, state) => {
    expect(await judged(areas)).toBe(state);
  });
  test('an answer works, and a refusal fails', async () => {
    expect([await judged(null, 'reply'), await judged(null, 'refused')]).toEqual(['works', 'fails']);
  });
});

describe('a judged port that loses some of its test packets answers at times', () => {
  test.each<[string, Partial<ReachAttempt>, FlowOutcome]>([
    ['some are lost', { sent: 3, answered: 2 }, { flow: 'fails', judgedPort: 'fails', answeredPart: 'some-packets' }],
    [
      'some are rejected',
      { sent: 3, answered: 1, answer: 'refused' },
      { flow: 'fails', judgedPort: 'fails', answeredPart: 'some-packets' },
    ],
    ['all are lost', { sent: 3, answered: 0 }, { flow: 'fails', judgedPort: 'fails' }],
    ['all are refused', { sent: 3, answered: 0, answer: 'refused' }, { flow: 'fails', judgedPort: 'fails' }],
    ['all are answered', { sent: 3, answered: 3, answer: 'reply' }, { flow: 'works', judgedPort: 'works' }],
  ])('%s', async (_, change, said) => {
    const attempts = [{ ...tried('flow', 8080, 'none'), ...change }];
    expect(await outcome(observed(flowWith({})), observed({ attempts }))).toEqual(said);
  });
});
