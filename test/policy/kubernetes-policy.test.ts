import { describe, expect, test } from '@jest/globals';
import type { NetworkPolicy } from '../../src/model/kubernetes.ts';
import { fromKubernetes } from '../../src/policy/kubernetes-policy.ts';
import { parseSelector } from '../../src/policy/selector.ts';
import { readCapture } from '../cases/capture.ts';

const policy = (spec: NetworkPolicy['spec'], name = 'p'): NetworkPolicy => ({
  metadata: { name, namespace: 'default' },
  spec,
});
const specOf = (spec: NetworkPolicy['spec']) => fromKubernetes(policy(spec)).spec;
const pods = "projectcalico.org/orchestrator == 'k8s'";

describe('as real kube-controllers wrote it', () => {
  test('allowed from pods, and from pods of other namespaces', () => {
    const [written] = readCapture('policies-legacy').policies;
    const made = fromKubernetes(
      policy(
        {
          podSelector: { matchLabels: { app: 'web' } },
          policyTypes: ['Ingress'],
          ingress: [
            {
              from: [
                { podSelector: { matchLabels: { app: 'client' } } },
                { podSelector: { matchLabels: { app: 'api' } }, namespaceSelector: { matchLabels: { team: 'shop' } } },
              ],
              ports: [{ port: 8080 }],
            },
          ],
        },
        'web-from-client-and-shop-api',
      ),
    );
    expect(made.metadata).toMatchObject({ name: written?.metadata.name, namespace: written?.metadata.namespace });
    expect({ ...made.spec, ingress: [...(made.spec.ingress ?? [])] }).toEqual({
      egress: [],
      ...written?.spec,
      ingress: written?.spec.ingress,
    });
  });
  test('nothing allowed', () => {
    const [written] = readCapture('k8s-deny-ingress-legacy').policies;
    expect(
      fromKubernetes(
        policy({ podSelector: { matchLabels: { app: 'web' } }, policyTypes: ['Ingress'] }, 'deny-all-ingress'),
      ).spec,
    ).toEqual({ ingress: [], egress: [], ...written?.spec });
  });
});

describe('its parts', () => {
  test('the selector of pods', () => {
    expect(specOf({ podSelector: {} }).selector).toBe(pods);
    expect(
      specOf({
        podSelector: {
          matchExpressions: [
            { key: 'a', operator: 'In', values: ['b', 'c'] },
            { key: 'd', operator: 'NotIn', values: ['e'] },
            { key: 'f', operator: 'Exists' },
            { key: 'g', operator: 'DoesNotExist' },
          ],
        },
      }).selector,
    ).toBe(`${pods} && a in { 'b', 'c' } && d not in { 'e' } && has(f) && !has(g)`);
  });
  test('an unknown operator makes a text that is not a selector', () => {
    expect(
      parseSelector(specOf({ podSelector: { matchExpressions: [{ key: 'a', operator: 'Near' }] } }).selector ?? ''),
    ).toBeNull();
  });
  test('the directions, ingress by default', () => {
    expect([specOf({}).types, specOf({ policyTypes: ['Egress'] }).types]).toEqual([['Ingress'], ['Egress']]);
  });
  test('a rule without peers and ports allows everything', () => {
    expect(specOf({ ingress: [{}] }).ingress).toEqual([{ action: 'Allow', source: {} }]);
  });
  test('a block of addresses with an exception', () => {
    expect(
      specOf({ ingress: [{ from: [{ ipBlock: { cidr: '10.0.0.0/8', except: ['10.1.0.0/16'] } }] }] }).ingress,
    ).toEqual([{ action: 'Allow', source: { nets: ['10.0.0.0/8'], notNets: ['10.1.0.0/16'] } }]);
  });
  test('every namespace', () => {
    expect(specOf({ ingress: [{ from: [{ namespaceSelector: {} }] }] }).ingress).toEqual([
      { action: 'Allow', source: { selector: pods, namespaceSelector: 'all()' } },
    ]);
  });
  test('ports by number, name and range, of TCP by default', () => {
    expect(
      specOf({
        ingress: [
          {
            ports: [
              { port: 80 },
              { port: 'dns', protocol: 'UDP' },
              { port: 1000, endPort: 2000 },
              { protocol: 'SCTP' },
            ],
          },
        ],
      }).ingress,
    ).toEqual([
      { action: 'Allow', protocol: 'TCP', source: {}, destination: { ports: [80] } },
      { action: 'Allow', protocol: 'UDP', source: {}, destination: { ports: ['dns'] } },
      { action: 'Allow', protocol: 'TCP', source: {}, destination: { ports: ['1000:2000'] } },
      { action: 'Allow', protocol: 'SCTP', source: {} },
    ]);
  });
  test('egress: peer and ports are one end', () => {
    expect(
      specOf({ egress: [{ to: [{ podSelector: { matchLabels: { app: 'db' } } }], ports: [{ port: 5432 }] }] }).egress,
    ).toEqual([
      { action: 'Allow', protocol: 'TCP', destination: { selector: `${pods} && app == 'db'`, ports: [5432] } },
    ]);
  });
});
