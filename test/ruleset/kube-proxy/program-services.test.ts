import { expect, test } from '@jest/globals';
import { serviceTranslation } from '../../../src/computed/service-translation.ts';
import { observed, unavailable, type Fact } from '../../../src/model/evidence.ts';
import type { ProgramService } from '../../../src/model/program-services.ts';
import { parseNat } from '../../../src/probes/parse/ebpf-nat.ts';
import { programTranslation } from '../../../src/ruleset/kube-proxy/program-services.ts';
import { readCapture } from '../../cases/capture.ts';

const real = parseNat(readCapture('healthy-bpf').text('n2/nat-dump.txt') ?? '');
const web = { address: '10.96.250.214', port: { protocol: 'tcp', number: 8080 } } as const;
const without = real.map((one) => ({ ...one, backends: [] }));

test.each<[string, readonly ProgramService[], Parameters<typeof programTranslation>[1], object]>([
  [
    'leads to its pods',
    real,
    web,
    { kind: 'endpoints', endpoints: ['10.244.1.5:8080', '10.244.3.5:8080'], byPrograms: true },
  ],
  [
    'has no backend',
    without,
    web,
    { kind: 'none', why: expect.stringMatching(/without a backend \(10\.96\.250\.214 /) },
  ],
  ['is not there', real.filter(({ address }) => address !== web.address), web, { kind: 'none' }],
  ['has another port', real, { ...web, port: { protocol: 'tcp', number: 81 } }, { kind: 'none' }],
  ['has another protocol', real, { ...web, port: { protocol: 'udp', number: 8080 } }, { kind: 'none' }],
  ['answers no pings', real, { ...web, port: { protocol: 'icmp' } }, { kind: 'none' }],
])('a Service of eBPF programs %s', (_, services, service, expected) => {
  expect(programTranslation(services, service)).toMatchObject(expected);
});

const translated = (held: Fact<readonly ProgramService[]>) => {
  const facts: Readonly<Record<string, Fact<unknown>>> = {
    'links@source': observed([]),
    'rulesets@source': observed({ node: 'n2', ruleSets: [], at: '' }),
    dataplanes: observed([{ node: 'n2', dataplane: 'ebpf', signs: [] }]),
    'program-services': held,
  };
  return serviceTranslation.compute(
    {
      get: () => ({ service: { ...web, name: 'default/web' }, source: { node: 'n2' } }) as never,
      evidence: () => [],
      ask: async (key) => facts[key] as never,
    },
    {} as never,
  );
};

test('on a node of the eBPF dataplane its programs say it, and packet filters nothing', async () => {
  expect(await translated(observed(real))).toMatchObject({ value: { kind: 'endpoints', byPrograms: true } });
  expect(await translated(unavailable('timeout', 'no answer in time'))).toMatchObject({
    status: 'unavailable',
    code: 'timeout',
    reason: expect.stringContaining('no answer in time'),
  });
});

test('of a Service that the programs leave to others they say nothing', async () => {
  const dump = '10.96.250.214 port 8080 proto 6 id 3 count 1 local 0 flags nat-exclude\n\t3:0\t 10.244.1.5:8080\n';
  expect(await translated(observed(parseNat(dump)))).toMatchObject({ status: 'unavailable', code: 'not-supported' });
});
