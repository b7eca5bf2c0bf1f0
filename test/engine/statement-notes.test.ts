import { expect, test } from '@jest/globals';
import { findingsOf } from '../../src/engine/evaluate.ts';
import { statementNotes } from '../../src/engine/statement-notes.ts';
import { judge } from '../../src/engine/verdict.ts';
import { podNotRunning } from '../../src/rules/target/pod-not-running.ts';
import { podOnHostNetwork } from '../../src/rules/target/pod-on-host-network.ts';
import { captured, changed, evaluated, valueOf } from '../support/facts.ts';

test('a statement is a note, and neither a finding nor a fault', async () => {
  const facts = await captured('healthy-legacy');
  const pod = valueOf(facts, 'pod');
  const onHost = changed(facts, { pod: { ...pod, spec: { ...pod.spec, hostNetwork: true } } });
  const evaluations = [await evaluated(podOnHostNetwork, onHost), await evaluated(podNotRunning, onHost)];
  expect(evaluations.flatMap(findingsOf)).toEqual([]);
  expect(statementNotes(evaluations)).toEqual([expect.stringMatching(/^Pod default\/mypod uses the network of n1\. /)]);
  expect(judge({ evaluations, missed: [], flow: 'works' })).toMatchObject({
    verdict: 'healthy',
    roots: [],
    latent: [],
  });
});
