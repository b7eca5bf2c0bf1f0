import { expect, test } from '@jest/globals';
import type { FlowState } from '../../../src/model/flow-state.ts';
import type { KernelCounters } from '../../../src/model/kernel-counters.ts';
import { kernelCounters } from '../../../src/probes/node/kernel-counters.ts';
import { laterCounters } from '../../../src/probes/node/later-counters.ts';
import { codeOf, probing } from '../scripted.ts';

const id = 'grep-kernel-counters';
const printed = `/proc/net/snmp:Tcp: InCsumErrors
/proc/net/snmp:Tcp: 4
/proc/net/snmp:Udp: InCsumErrors
/proc/net/snmp:Udp: 5
`;
const before: KernelCounters = { conntrack: null, wrongChecksums: { tcp: 1, udp: 2 } };
const after = { conntrack: null, wrongChecksums: { tcp: 4, udp: 5 } };
const read = (said: object) => probing(kernelCounters, { script: { [id]: said } }).fact('kernel-counters@target');
const later = (said: object, judgedPort: FlowState = 'fails') =>
  probing(laterCounters, {
    script: { [id]: said },
    facts: {
      flow: { source: { node: 'n1' }, destination: { node: 'n1' } } as never,
      'tried-outcome': { flow: judgedPort, judgedPort },
      'kernel-counters@target': before,
    },
  }).fact('counter-readings');

test('counters of a node, also of one that tracks no connections', async () => {
  expect(await read({ stdout: printed })).toMatchObject({ value: after });
  expect(await read({ stdout: printed, exit: 2 })).toMatchObject({ value: after });
});

test('both readings, where the flow fails', async () => {
  expect(await later({ stdout: printed })).toMatchObject({ value: [{ node: 'n1', before, after }] });
});

test.each([
  ['it was not run', { exit: 127, stderr: 'sudo: grep: command not found' }, 'tool-missing'],
  ['it was cut off', { stdout: printed, truncated: true }, 'output-too-large'],
  ['it was late', { exit: null, timedOut: true }, 'timeout'],
])('not known: %s', async (_, said, code) => {
  expect([codeOf(await read(said)), codeOf(await later(said))]).toEqual([code, code]);
});

test('is not read again where the flow works, or is not known to fail', async () => {
  expect(codeOf(await later({}, 'works'))).toBe('not-applicable');
  expect(codeOf(await later({}, 'unknown'))).toBe('not-applicable');
});
