import { describe, expect, test } from '@jest/globals';
import type { CalicoRule, EntityRule } from '../../src/model/calico.ts';
import type { Packet } from '../../src/model/ruleset/packet.ts';
import { syn, ping, dns, matching, from, to } from './asked.ts';

describe('does a rule match', () => {
  test.each<[string, Partial<CalicoRule>, Packet, string]>([
    ['everything', {}, syn, 'allow'],
    ['its protocol', { protocol: 'TCP' }, syn, 'allow'],
    ['its protocol as a number', { protocol: 6 }, syn, 'allow'],
    ['its protocol as a number in text', { protocol: '6' }, syn, 'allow'],
    ['another protocol', { protocol: 'UDP' }, syn, 'deny'],
    ['a protocol that is not known', { protocol: 'FTP' }, syn, 'unknown'],
    ['not its protocol', { notProtocol: 'TCP' }, syn, 'deny'],
    ['not another protocol', { notProtocol: 'UDP' }, syn, 'allow'],
    ['IPv4', { ipVersion: 4 }, syn, 'allow'],
    ['IPv6', { ipVersion: 6 }, syn, 'deny'],
    ['echo requests', { protocol: 'ICMP', icmp: { type: 8 } }, ping, 'allow'],
    ['echo requests of another code', { protocol: 'ICMP', icmp: { type: 8, code: 1 } }, ping, 'deny'],
    ['echo replies', { protocol: 'ICMP', icmp: { type: 0 } }, ping, 'deny'],
    ['a type, of what is no ICMP', { icmp: { type: 8 } }, syn, 'deny'],
    ['not echo requests', { protocol: 'ICMP', notICMP: { type: 8 } }, ping, 'deny'],
    ['not echo replies', { protocol: 'ICMP', notICMP: { type: 0 } }, ping, 'allow'],
    ['not echo replies, without a protocol', { notICMP: { type: 0 } }, syn, 'unknown'],
    ['an unknown type', { protocol: 'ICMP', icmp: { type: 8 } }, { ...ping, icmpType: null }, 'unknown'],
    ['HTTP', { http: { methods: ['GET'] } }, syn, 'unknown'],
    ['HTTP of another protocol', { protocol: 'UDP', http: { methods: ['GET'] } }, syn, 'deny'],
    ['a field that nobody knows yet', { moon: 'full' } as Partial<CalicoRule>, syn, 'unknown'],
    [
      'a field that nobody knows yet, of another protocol',
      { protocol: 'UDP', moon: 'full' } as Partial<CalicoRule>,
      syn,
      'deny',
    ],
    ['metadata, which says nothing', { metadata: { annotations: { a: 'b' } } }, syn, 'allow'],
  ])('%s', (_, rule, packet, expected) => {
    expect(matching(rule, { packet })).toBe(expected);
  });

  test.each<[string, EntityRule, string]>([
    ['its net', { nets: ['10.9.0.0/16', '10.244.2.0/24'] }, 'allow'],
    ['its address', { nets: ['10.244.2.7'] }, 'allow'],
    ['another net', { nets: ['10.9.0.0/16'] }, 'deny'],
    ['nets of IPv6 alone', { nets: ['fd00::/8'] }, 'deny'],
    ['a net that is none', { nets: ['10.9.0.0/99'] }, 'unknown'],
    ['out of a net', { nets: ['10.244.2.0/24'], notNets: ['10.244.2.7/32'] }, 'deny'],
    ['out of another', { notNets: ['10.9.0.0/16'] }, 'allow'],
    ['out of nets of IPv6 alone: such a rule is not rendered', { notNets: ['fd00::/8'] }, 'deny'],
    ['out of everything', { notNets: ['0.0.0.0/0'] }, 'deny'],
    ['its labels', { selector: "app == 'client'" }, 'allow'],
    ['other labels', { selector: "app == 'web'" }, 'deny'],
    ['not its labels', { notSelector: "app == 'client'" }, 'deny'],
    ['not other labels', { notSelector: "app == 'web'" }, 'allow'],
    ['its labels, but not those', { selector: 'has(app)', notSelector: "app == 'client'" }, 'deny'],
    ['a selector that is none', { selector: 'app' }, 'unknown'],
    ['a selector that is none, negated', { notSelector: 'app' }, 'unknown'],
    ['its namespace', { namespaceSelector: "projectcalico.org/name == 'default'" }, 'allow'],
    ['any namespace', { namespaceSelector: 'all()' }, 'allow'],
    ['no namespace', { namespaceSelector: 'global()' }, 'deny'],
    ['another namespace', { namespaceSelector: "team == 'shop'" }, 'deny'],
    ['its account', { serviceAccounts: { names: ['other', 'default'] } }, 'allow'],
    ['another account', { serviceAccounts: { names: ['other'] } }, 'deny'],
    ['its account by labels', { serviceAccounts: { selector: "projectcalico.org/name == 'default'" } }, 'allow'],
    [
      'its account by both',
      { serviceAccounts: { names: ['default'], selector: "projectcalico.org/name == 'no'" } },
      'deny',
    ],
    ['a service', { services: { name: 'web', namespace: 'default' } }, 'unknown'],
    ['domains', { domains: ['example.org'] }, 'unknown'],
    ['domains from elsewhere', { nets: ['10.9.0.0/16'], domains: ['example.org'] }, 'deny'],
    ['a field that nobody knows yet', { moon: 'full' } as EntityRule, 'unknown'],
    ['empty lists, which say nothing', { nets: [], ports: [], selector: '' }, 'allow'],
    ['a port at the end that nobody knows', { ports: [4000] }, 'unknown'],
    ['every port', { ports: ['1:65535'] }, 'allow'],
  ])('from %s', (_, source, expected) => {
    expect(from(source)).toBe(expected);
  });

  test.each<[string, EntityRule, Packet, string]>([
    ['its port', { ports: [80, 8080] }, syn, 'allow'],
    ['its port in text', { ports: ['8080'] }, syn, 'allow'],
    ['a range', { ports: ['8000:8100'] }, syn, 'allow'],
    ['another range', { ports: ['1:1024'] }, syn, 'deny'],
    ['the name of its port', { ports: ['http'] }, syn, 'allow'],
    ['another name', { ports: ['metrics'] }, syn, 'deny'],
    ['the name of another port', { ports: ['http'] }, { ...syn, destinationPort: 81 }, 'deny'],
    ['the name of a TCP port', { ports: ['http'] }, { ...dns, destinationPort: 8080 }, 'deny'],
    ['a name and a number', { ports: [81, 'http'] }, syn, 'allow'],
    ['the name of a port that others have', { ports: ['http'], selector: "app == 'db'" }, syn, 'deny'],
    ['not its port', { notPorts: [8080] }, syn, 'deny'],
    ['not the name of its port', { notPorts: ['http'] }, syn, 'deny'],
    ['not other ports', { notPorts: [81, 'metrics'] }, syn, 'allow'],
    ['ports, of what has none', { ports: [8080] }, ping, 'deny'],
    ['a port that is not known', { ports: [8080] }, { ...syn, destinationPort: null }, 'unknown'],
  ])('to %s', (_, destination, packet, expected) => {
    expect(to(destination, { packet })).toBe(expected);
  });
  test("a named port goes by the rule's protocol", () => {
    expect(matching({ protocol: 'TCP', destination: { ports: ['http'] } })).toBe('allow');
    expect(matching({ protocol: 'UDP', destination: { ports: ['http'] } })).toBe('deny');
  });
});
