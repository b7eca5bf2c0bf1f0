import { describe, expect, test } from '@jest/globals';
import { headlineOf, withHeadline } from '../../src/model/headline.ts';
import type { Verdict } from '../../src/model/verdict.ts';
import { forbidden, ipipLost, sampleVerdict } from '../bot/sample-run.ts';

const none = { roots: [], consequences: [] };
const inferred = { ...ipipLost, proof: 'inferred' as const };

describe('whether it is reachable and whether a cause was found are two answers', () => {
  test.each<[string, Partial<Verdict>, 'yes' | 'no' | 'unknown', boolean, string]>([
    ['healthy', { ...none, verdict: 'healthy', flow: 'works' }, 'yes', false, 'REACHABLE'],
    ['other faults', { ...none, latent: [forbidden], flow: 'works' }, 'yes', false, 'REACHABLE, other faults found'],
    [
      'works, not all was seen',
      { ...none, verdict: 'inconclusive', flow: 'works' },
      'yes',
      false,
      'REACHABLE, some checks did not run',
    ],
    [
      'a cause that stops old connections only',
      { ...none, roots: [ipipLost], flow: 'works' },
      'yes',
      true,
      `REACHABLE by new connections, cause found: ${ipipLost.title}`,
    ],
    ['one cause', { roots: [ipipLost] }, 'no', true, `UNREACHABLE, cause found: ${ipipLost.title}`],
    ['two causes', {}, 'no', true, 'UNREACHABLE, 2 causes found'],
    [
      'fails, and nothing explains it',
      { ...none, verdict: 'inconclusive', flow: 'fails' },
      'no',
      false,
      'UNREACHABLE, cause not found',
    ],
    ['fails beside another fault', { ...none, latent: [forbidden] }, 'no', false, 'UNREACHABLE, cause not found'],
    [
      'nothing was sent, and a cause was read',
      { roots: [ipipLost], flow: 'unknown' },
      'no',
      true,
      `UNREACHABLE, cause found: ${ipipLost.title}`,
    ],
    [
      'nothing was sent, and a cause is inferred',
      { roots: [inferred], flow: 'unknown' },
      'unknown',
      true,
      `NOT KNOWN whether reachable, cause found: ${ipipLost.title}`,
    ],
    [
      'nothing was sent, and the place is remembered',
      { roots: [ipipLost], verdict: 'inconclusive', flow: 'unknown' },
      'unknown',
      true,
      `NOT KNOWN whether reachable, cause found: ${ipipLost.title}`,
    ],
    [
      'nothing is known, for checks that did not run',
      { ...none, verdict: 'inconclusive', flow: 'unknown' },
      'unknown',
      false,
      'NOT KNOWN whether reachable, some checks did not run',
    ],
    [
      'nothing is known',
      { ...none, verdict: 'inconclusive', flow: 'unknown', blindSpots: [] },
      'unknown',
      false,
      'NOT KNOWN whether reachable, cause not found',
    ],
    [
      'another port does not answer',
      { ...none, verdict: 'inconclusive', flow: 'fails', answeredPart: 'judged-port' },
      'no',
      false,
      'REACHABLE on 8080/tcp, not on every port, cause not found',
    ],
    [
      'the judged port refuses, so that something comes back',
      { ...none, verdict: 'inconclusive', flow: 'fails', answeredPart: null },
      'no',
      false,
      'UNREACHABLE, cause not found',
    ],
    [
      'the judged port answers some test packets',
      { ...none, verdict: 'inconclusive', flow: 'fails', answeredPart: 'some-packets' },
      'no',
      false,
      'REACHABLE AT TIMES, cause not found',
    ],
    [
      'the judged port answers handshakes alone',
      { roots: [ipipLost], flow: 'fails', answeredPart: 'handshake' },
      'no',
      true,
      `REACHABLE by handshakes only, cause found: ${ipipLost.title}`,
    ],
    [
      'the judged port answers some test packets, and a cause was found',
      { roots: [ipipLost], flow: 'fails', answeredPart: 'some-packets' },
      'no',
      true,
      `REACHABLE AT TIMES, cause found: ${ipipLost.title}`,
    ],
    [
      'another port was not tried',
      { ...none, verdict: 'inconclusive', flow: 'unknown', answeredPart: 'judged-port' },
      'unknown',
      false,
      'REACHABLE on 8080/tcp, other ports not checked',
    ],
    [
      'another pod does not answer',
      { roots: [ipipLost], answeredPart: 'judged-pod' },
      'no',
      true,
      `REACHABLE on 8080/tcp, not at every pod, cause found: ${ipipLost.title}`,
    ],
    [
      'another pod was not tried',
      { ...none, verdict: 'inconclusive', flow: 'unknown', answeredPart: 'judged-pod' },
      'unknown',
      false,
      'REACHABLE on 8080/tcp, other pods not checked',
    ],
    [
      'large packets are lost',
      { roots: [ipipLost], answeredPart: 'small-packets' },
      'no',
      true,
      `REACHABLE by small packets only, cause found: ${ipipLost.title}`,
    ],
  ])('%s', (_, change, reachable, causeFound, text) => {
    expect(headlineOf(sampleVerdict(change))).toEqual({ reachable, causeFound, text });
  });
});

test('the document has it beside all that was there before', () => {
  const verdict = sampleVerdict();
  expect(withHeadline(verdict)).toEqual({ ...verdict, headline: headlineOf(verdict) });
});
