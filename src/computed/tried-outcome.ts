import { defineComputed } from '../model/computed.ts';
import { observed, type Fact } from '../model/evidence.ts';
import type { Flow } from '../model/flow.ts';
import type { Reachability, ReachAttempt } from '../model/reachability.ts';
import type { AnsweredPart, FlowState } from '../model/flow-state.ts';
import { leavesCluster } from '../model/flow-place.ts';
import type { Area, Passage } from '../model/passage.ts';
import { isLimited } from '../model/path-sizes.ts';

export const triedOutcome = defineComputed({
  id: 'tried-outcome',
  description:
    'The outcome of the test packets, also where another than the asked end answers them: of the judged port alone, ' +
    'and of every asked port with packets of every size.',
  essential: false,
  needs: [],
  considers: ['flow', 'reachability', 'passage', 'path-sizes'],
  async compute(facts) {
    const [flow, reachability, passage] = await Promise.all([
      facts.ask('flow'),
      facts.ask('reachability'),
      facts.ask('passage'),
    ]);
    const judgedPort = isSilentDatagram(flow, reachability)
      ? datagramState(flow, passage)
      : stateOf(reachability, 'flow');
    const ports = everyPort(judgedPort, flow, reachability);
    const flowState = everyEnd(ports, flow, reachability);
    // Large packets are tested only after small ones pass.
    const sizes = flowState === 'works' ? await facts.ask('path-sizes') : null;
    const cut = sizes?.status === 'observed' && sizes.value.ways.some(isLimited);
    const isInPart = judgedPort === 'fails' && triesOf(reachability, 'flow').some(isAnsweredInPart);
    const part = judgedPort === 'works' ? partOf(flow, ports, flowState, cut) : isInPart ? 'some-packets' : null;
    return observed({ flow: cut ? 'fails' : flowState, judgedPort, ...(part ? { answeredPart: part } : {}) });
  },
});

function isAnsweredInPart({ answered, sent }: ReachAttempt): boolean {
  return answered > 0 && answered < sent;
}

/** Returns what answers, where the judged port does; null: all of it. Of a Service its own address alone counts. */
function partOf(flow: Fact<Flow>, ports: FlowState, ends: FlowState, cut: boolean): AnsweredPart | null {
  if (flow.status === 'observed' && flow.value.service) return cut ? 'small-packets' : null;
  if (ports !== 'works') return 'judged-port';
  if (ends !== 'works') return 'judged-pod';
  return cut ? 'small-packets' : null;
}

/** Did UDP probes stay without an answer? A UDP service may ignore a request that it does not understand. */
function isSilentDatagram(flow: Fact<Flow>, reachability: Fact<Reachability>): boolean {
  const tried = triesOf(reachability, 'flow');
  return (
    flow.status === 'observed' &&
    flow.value.port.protocol === 'udp' &&
    tried.length > 0 &&
    tried.every(({ answer }) => answer === 'none')
  );
}

/**
 * Returns `fails` only if captures show that the datagram or its answer is lost on the way. What nobody answered is not
 * lost.
 */
function datagramState(flow: Fact<Flow>, passage: Fact<Passage>): FlowState {
  const stop = passage.status === 'observed' ? passage.value.stop : null;
  return stop && flow.status === 'observed' && !stop.areas.includes(lastArea(flow.value)) ? 'fails' : 'unknown';
}

/** In which part of the way the receiver is. */
function lastArea(flow: Flow): Area {
  if (leavesCluster(flow)) return 'underlay';
  return flow.destination.interface === null ? 'target-node' : 'target-pod';
}

/**
 * A flow to a Service works by the Service's own address. One to several pods works where each of them answers; behind
 * a Service, which other pod answers is told alone.
 */
function everyEnd(judged: FlowState, flow: Fact<Flow>, reachability: Fact<Reachability>): FlowState {
  if (judged !== 'works' || flow.status === 'unavailable') return judged;
  const { service, otherPods = [] } = flow.value;
  if (service) return stateOf(reachability, 'service');
  return otherPods.length > 0 ? stateOf(reachability, 'other-pod') : judged;
}

function everyPort(judgedPort: FlowState, flow: Fact<Flow>, reachability: Fact<Reachability>): FlowState {
  if (judgedPort !== 'works' || flow.status === 'unavailable') return judgedPort;
  const { otherPorts, untriedPorts } = flow.value;
  if (otherPorts.length > 0) {
    const others = stateOf(reachability, 'other-port');
    if (others !== 'works') return others;
    if (triesOf(reachability, 'other-port').length < otherPorts.length) return 'unknown';
  }
  return untriedPorts.length > 0 ? 'unknown' : 'works';
}

function stateOf(reachability: Fact<Reachability>, what: ReachAttempt['what']): FlowState {
  const tried = triesOf(reachability, what);
  if (tried.length === 0) return 'unknown';
  return tried.every(({ answer }) => answer === 'reply') ? 'works' : 'fails';
}

function triesOf(reachability: Fact<Reachability>, what: ReachAttempt['what']) {
  return reachability.status === 'unavailable'
    ? []
    : reachability.value.attempts.filter((attempt) => attempt.what === what && attempt.answer !== 'error');
}
