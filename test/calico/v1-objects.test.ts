import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { endpointOfV1, poolOfV1, profileOfV1 } from '../../src/calico/v1-objects.ts';
import type { Transcript } from '../../src/model/command.ts';
import { LookError } from '../../src/model/look-error.ts';
import { parseV1Policies } from '../../src/probes/parse/calico-policies.ts';
import { parseV1Get } from '../../src/probes/parse/calicoctl.ts';
import { lookErrorOf } from '../probes/parse/hostile.ts';
import { transcript } from '../probes/transcript.ts';
import { endpointYaml, policiesYaml, poolsYaml, profileYaml, unknownOption } from '../support/calico-2.ts';

const kinds = { endpoint: 'workloadEndpoint', profile: 'profile', pool: 'ipPool', policy: 'policy' } as const;

describe('objects of version 1, in the shape of today', () => {
  test('an endpoint: its namespace and pod stand in its workload', () => {
    expect(parseV1Get(transcript({ stdout: endpointYaml }), kinds.endpoint, endpointOfV1)).toEqual({
      ok: true,
      objects: [
        {
          metadata: { name: 'eth0', namespace: 'default', labels: { app: 'web', 'calico/k8s_ns': 'default' } },
          spec: {
            node: 'n1',
            pod: 'my.pod-0',
            interfaceName: 'cali4e199eba087',
            ipNetworks: ['10.244.1.5/32'],
            profiles: ['k8s_ns.default'],
          },
        },
      ],
    });
  });
  test('an endpoint of another orchestrator is of no pod', () => {
    const stdout = endpointYaml.replace('default.my.pod-0', 'task1');
    const answer = parseV1Get(transcript({ stdout }), kinds.endpoint, endpointOfV1);
    expect(answer.ok && answer.objects[0]?.spec.pod).toBeUndefined();
  });
  test('a profile: its labels are what endpoints inherit', () => {
    expect(parseV1Get(transcript({ stdout: profileYaml }), kinds.profile, profileOfV1)).toEqual({
      ok: true,
      objects: [
        {
          metadata: { name: 'k8s_ns.default' },
          spec: {
            egress: [{ action: 'Allow', source: {}, destination: {} }],
            ingress: [{ action: 'Allow', source: {}, destination: {} }],
            labelsToApply: { 'k8s_ns/label/team': 'shop' },
          },
        },
      ],
    });
  });
  test('pools: the mode is empty where all is encapsulated', () => {
    const answer = parseV1Get(transcript({ stdout: poolsYaml }), kinds.pool, poolOfV1);
    expect(answer.ok && answer.objects.map(({ metadata, spec }) => ({ name: metadata.name, ...spec }))).toEqual([
      { name: '192.168.0.0/16', cidr: '192.168.0.0/16', ipipMode: 'Always', natOutgoing: true },
      { name: '10.9.0.0/16', cidr: '10.9.0.0/16', ipipMode: 'CrossSubnet', natOutgoing: false, disabled: true },
      { name: '10.8.0.0/16', cidr: '10.8.0.0/16', ipipMode: 'Never', natOutgoing: false },
    ]);
  });
  test('a policy: networks in one list, and what chooses as no field of today does stays in sight', () => {
    expect(parseV1Policies(transcript({ stdout: policiesYaml }))).toMatchObject([
      {
        kind: 'Policy',
        metadata: { name: 'default.deny-web' },
        spec: {
          order: 1000,
          selector: "calico/k8s_ns == 'default' && app == 'web'",
          types: ['Ingress', 'Egress'],
          ingress: [
            {
              action: 'Pass',
              protocol: 'tcp',
              source: { nets: ['10.0.0.0/8'], notNets: ['10.1.0.0/16', '10.2.0.0/16'] },
              destination: { ports: [80] },
            },
            { action: 'Allow', source: { tag: 'frontend' } },
          ],
          egress: [{ action: 'Allow' }],
        },
      },
    ]);
  });
  test('none of this name, or none at all', () => {
    expect(parseV1Get(transcript({ stdout: '[]\n' }), kinds.profile, profileOfV1)).toEqual({ ok: true, objects: [] });
    expect(parseV1Policies(transcript({ stdout: '[]\n' }))).toEqual([]);
  });
});

const codeFor = (over: Partial<Transcript>) => {
  const answer = parseV1Get(transcript(over), kinds.profile, profileOfV1);
  return answer.ok ? 'ok' : answer.code;
};

describe('never "there is none" where nobody said so', () => {
  test.each<[string, Partial<Transcript>, string]>([
    ['silent', { exit: null, timedOut: true }, 'datastore-unreachable'],
    [
      'etcd does not answer',
      {
        exit: 1,
        stdout:
          'Failed to get resources: client: etcd cluster is unavailable or misconfigured; error #0: dial tcp 10.0.0.1:2379: getsockopt: connection refused\n',
      },
      'datastore-unreachable',
    ],
    ['another version does not know the option', unknownOption, 'command-failed'],
    ['not installed', { exit: 127, stderr: 'not found' }, 'tool-missing'],
  ])('%s', (_, over, code) => {
    expect(codeFor(over)).toBe(code);
  });
  test.each<[string, Partial<Transcript>, string]>([
    ['nothing', {}, 'not-parsed'],
    ['an object of today', { stdout: 'apiVersion: projectcalico.org/v3\nkind: Profile\n' }, 'not-parsed'],
    [
      'a list of today',
      { stdout: '- apiVersion: projectcalico.org/v3\n  kind: Profile\n  metadata: {name: a}\n' },
      'not-parsed',
    ],
    ['another kind', { stdout: poolsYaml }, 'not-parsed'],
    ['cut', { stdout: profileYaml, truncated: true }, 'output-too-large'],
  ])('%s', (_, over, code) => {
    expect(lookErrorOf(() => codeFor(over))?.code).toBe(code);
  });
  test('says which option was not known, not how it is used', () => {
    expect(parseV1Get(transcript(unknownOption), kinds.profile, profileOfV1)).toMatchObject({
      error: expect.stringMatching(/^Invalid option: 'calicoctl get/),
    });
  });
});

test('whatever stands in them, they have the shape of today, or the answer is refused', () => {
  const field = fc.jsonValue({ maxDepth: 3 });
  const object = (kind: string) =>
    fc.record({
      apiVersion: fc.constantFrom('v1', 'v2'),
      kind: fc.constant(kind),
      metadata: fc.oneof(field, fc.dictionary(fc.constantFrom('name', 'cidr', 'labels', 'workload'), field)),
      spec: fc.oneof(field, fc.dictionary(fc.constantFrom('profiles', 'ingress', 'types', 'ipip', 'order'), field)),
    });
  fc.assert(
    fc.property(
      fc.constantFrom(...Object.values(kinds)).chain((kind) => fc.tuple(fc.constant(kind), object(kind))),
      ([kind, one]) => {
        const printed = transcript({ stdout: JSON.stringify([one]) });
        try {
          const endpoint = kind === kinds.endpoint ? parseV1Get(printed, kind, endpointOfV1) : null;
          if (endpoint?.ok) expect(Array.isArray(endpoint.objects[0]?.spec.profiles)).toBe(true);
          const pool = kind === kinds.pool ? parseV1Get(printed, kind, poolOfV1) : null;
          if (pool?.ok) expect(typeof pool.objects[0]?.spec.cidr).toBe('string');
          if (kind === kinds.profile) parseV1Get(printed, kind, profileOfV1);
          if (kind === kinds.policy) expect(parseV1Policies(printed)[0]?.kind).toBe('Policy');
        } catch (error) {
          expect(error).toBeInstanceOf(LookError);
        }
      },
    ),
    { numRuns: 300 },
  );
});
