import { describe, expect, test } from '@jest/globals';
import { unavailable } from '../../src/model/evidence.ts';
import { changed, leg, valueOf, withWalk } from '../support/facts.ts';
import { type Script } from '../probes/scripted.ts';
import { list, unsupported, admitting, denied, said, set } from './datastore-answers.ts';

describe('network sets', () => {
  const trusted = admitting({ selector: "role == 'trusted'" });
  test.each<[string, Script, string]>([
    [
      'one of the namespace that holds the source',
      { 'calicoctl-get-networksets': list(set('default', ['10.244.2.0/24'])) },
      'allow',
    ],
    ['one that does not', { 'calicoctl-get-networksets': list(set('default', ['10.9.0.0/24'])) }, 'deny'],
    // A rule of a namespace means that namespace: sets of others are not chosen.
    [
      'others that were not read',
      { 'calicoctl-get-networkset-names': { stdout: 'NAMESPACE   NAME   \nshop   s\n' } },
      'deny',
    ],
    [
      'an older client that knows none',
      {
        'calicoctl-get-networksets': unsupported('networkset'),
        'calicoctl-get-networkset-names': unsupported('networkset'),
        'calicoctl-get-globalnetworksets': unsupported('globalnetworkset'),
      },
      'deny',
    ],
  ])('%s', async (_, script, decision) => {
    expect((await said(denied, { 'calicoctl-get-networkpolicies': list(trusted), ...script }))[0]).toMatch(
      new RegExp(`^ingress n1 ${decision}`),
    );
  });
  test('a rule for other namespaces may mean one that was not read', async () => {
    const wide = admitting({ selector: "role == 'trusted'", namespaceSelector: 'all()' });
    expect(
      (
        await said(denied, {
          'calicoctl-get-networkpolicies': list(wide),
          'calicoctl-get-networkset-names': { stdout: 'NAMESPACE   NAME   \nshop   s\n' },
        })
      )[0],
    ).toMatch(/unknown: .*the network sets of namespace shop were not read/);
    expect((await said(denied, { 'calicoctl-get-networkpolicies': list(wide) }))[0]).toMatch(/ingress n1 deny/);
    // A set without a namespace is in none.
    expect(
      (
        await said(denied, {
          'calicoctl-get-networkpolicies': list(wide),
          'calicoctl-get-globalnetworksets': list(set(undefined, ['10.244.2.7/32'])),
        })
      )[0],
    ).toMatch(/ingress n1 deny/);
  });
});

describe('who is behind an address', () => {
  const admitClient = { 'calicoctl-get-networkpolicies': list(admitting({ selector: "app == 'client'" })) };
  test('a source whose endpoint could not be read', async () => {
    expect((await said({ ...denied, 'source-endpoint': unavailable('ssh-lost', 'no') }, admitClient))[0]).toMatch(
      /unknown: .*the endpoint of default\/client could not be read/,
    );
  });
  test('a source without an endpoint is chosen by no selector', async () => {
    expect((await said(changed(denied, { 'source-endpoint': null }), admitClient))[0]).toMatch(/ingress n1 deny/);
  });
  test('a source whose labels of its profiles could not be read', async () => {
    const facts = { ...denied, 'source-profiles': unavailable('datastore-unreachable', 'no') };
    expect((await said(facts, admitClient))[0]).toMatch(/ingress n1 allow/);
    expect(
      (
        await said(facts, { 'calicoctl-get-networkpolicies': list(admitting({ namespaceSelector: "team == 'a'" })) })
      )[0],
    ).toMatch(/ingress n1 unknown/);
  });
  test("an address that was rewritten on the way is nobody's that is known", async () => {
    const walk = leg(denied, 'target-ingress');
    const rewritten = withWalk(denied, { ...walk, packet: { ...walk.packet, source: '10.250.0.12' } });
    expect((await said(rewritten, admitClient))[0]).toMatch(/ingress n1 unknown/);
    expect(
      (await said(rewritten, { 'calicoctl-get-networkpolicies': list(admitting({ nets: ['10.250.0.0/24'] })) }))[0],
    ).toMatch(/ingress n1 allow/);
  });
  test('a node may be a host endpoint, but no pod', async () => {
    const { source } = valueOf(denied, 'flow');
    const walk = leg(denied, 'target-ingress');
    const fromNode = changed(withWalk(denied, { ...walk, packet: { ...walk.packet, source: '10.250.0.12' } }), {
      flow: {
        ...valueOf(denied, 'flow'),
        source: { ...source, kind: 'node', interface: null, address: '10.250.0.12' },
      },
    });
    expect((await said(fromNode, admitClient))[0]).toMatch(/ingress n1 deny/);
    expect(
      (
        await said(fromNode, {
          'calicoctl-get-networkpolicies': list(
            admitting({ selector: "app == 'client'", namespaceSelector: 'global()' }),
          ),
        })
      )[0],
    ).toMatch(/ingress n1 unknown: .*host endpoints were not read/);
  });
  test("an outside address may be anybody's", async () => {
    const { source } = valueOf(denied, 'flow');
    const outside = changed(denied, {
      flow: { ...valueOf(denied, 'flow'), source: { ...source, kind: 'outside', interface: null, node: null } },
    });
    expect((await said(outside, admitClient))[0]).toMatch(/ingress n1 unknown/);
  });
});
