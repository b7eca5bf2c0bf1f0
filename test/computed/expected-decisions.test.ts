import { beforeAll, describe, expect, test } from '@jest/globals';
import type { Datastore } from '../../src/model/facts.ts';
import { unavailable } from '../../src/model/evidence.ts';
import { LookError } from '../../src/model/look-error.ts';
import { policyObjects } from '../../src/probes/datastore/policy-objects.ts';
import { expectedDecisions } from '../../src/computed/expected-decisions.ts';
import { captured, changed, droppedBy, leg, valueOf, withWalk, type Facts } from '../support/facts.ts';
import { codeOf, probing, type ApiScript, type Script } from '../probes/scripted.ts';

const list = (...items: readonly unknown[]) => ({ stdout: JSON.stringify({ items }) });
const unsupported = (kind: string) => ({
  exit: 1,
  stderr: `failed to get resources: resource type '${kind}' is not supported`,
});
const denyWeb = {
  kind: 'NetworkPolicy',
  metadata: { name: 'knp.default.deny-web', namespace: 'default' },
  spec: { order: 1000, tier: 'default', selector: "app == 'web'", types: ['Ingress'] },
};
const admitting = (source: unknown) => ({
  kind: 'NetworkPolicy',
  metadata: { name: 'some', namespace: 'default' },
  spec: { selector: "app == 'web'", types: ['Ingress'], ingress: [{ action: 'Allow', source }] },
});
const defaultTier = { metadata: { name: 'default' }, spec: { order: 1_000_000, defaultAction: 'Deny' } };
const empty: Script = {
  'calicoctl-get-networkpolicies': list(),
  'calicoctl-get-globalnetworkpolicies': list(),
  'calicoctl-get-tiers': list(defaultTier),
  'calicoctl-get-networksets': list(),
  'calicoctl-get-globalnetworksets': list(),
  'calicoctl-get-networkset-names': { stdout: 'NAMESPACE   NAME   \n\n' },
};
const etcd: Datastore = {
  node: 'n1',
  kind: 'etcdv3',
  reachable: true,
  error: null,
  clientVersion: null,
  clusterVersion: null,
  state: 'ready',
};

let denied: Facts;
let healthy: Facts;
beforeAll(async () => {
  denied = await captured('k8s-deny-ingress-legacy');
  healthy = await captured('healthy-legacy');
});
const nodes = ['n1', 'n2'].map((name, at) => ({
  metadata: { name },
  status: { addresses: [{ type: 'InternalIP', address: `10.250.0.${11 + at}` }] },
}));
const looking = (
  {
    flow,
    walks,
    endpoint,
    profiles,
    'source-endpoint': sourceEndpoint,
    'source-profiles': sourceProfiles,
    datastore,
  }: Facts,
  script: Script,
  api: ApiScript = {},
) => {
  const missing = unavailable('not-recorded', 'not gathered');
  const given = {
    nodes,
    flow: flow ?? missing,
    walks: walks ?? missing,
    datastore: datastore ?? missing,
    endpoint: endpoint ?? missing,
    profiles: profiles ?? missing,
    'source-endpoint': sourceEndpoint ?? missing,
    'source-profiles': sourceProfiles ?? missing,
  };
  return probing(policyObjects, { computed: [expectedDecisions], script: { ...empty, ...script }, api, facts: given });
};
const said = async (facts: Facts, script: Script, api: ApiScript = {}) => {
  const gathered = looking(facts, script, api);
  const [found, objects] = [await gathered.fact('expected-decisions'), await gathered.fact('policy-objects')];
  return found.status === 'observed'
    ? found.value.map(({ direction, node, decision, by }) => `${direction} ${node} ${decision}: ${by}`)
    : [`${codeOf(objects)}: ${found.reason}`];
};

describe('what the datastore says of a packet that the node drops', () => {
  test('the same', async () => {
    expect(await said(denied, { 'calicoctl-get-networkpolicies': list(denyWeb) })).toEqual([
      'ingress n1 deny: the policies of tier default that select the endpoint (default/deny-web) do not allow it',
    ]);
  });
  test('it was let through since: the policy is gone', async () => {
    expect(await said(denied, {})).toEqual(['ingress n1 allow: rule 1 of profile kns.default allows it']);
  });
  test('it was let through since: another policy allows it', async () => {
    expect(
      await said(denied, {
        'calicoctl-get-networkpolicies': list(denyWeb, admitting({ selector: "app == 'client'" })),
      }),
    ).toEqual(['ingress n1 allow: rule 1 of policy default/some allows it']);
  });
  test('a policy that admits others', async () => {
    expect(
      await said(denied, { 'calicoctl-get-networkpolicies': list(admitting({ selector: "app == 'api'" })) }),
    ).toEqual([
      'ingress n1 deny: the policies of tier default that select the endpoint (default/some) do not allow it',
    ]);
  });
  test('egress of the source, asked of the client on its node', async () => {
    const facts = withWalk(
      healthy,
      droppedBy(leg(healthy, 'source-egress'), { kind: 'policy', name: 'p', direction: 'egress' }),
    );
    expect(await said(facts, {})).toEqual(['egress n2 allow: rule 1 of profile kns.default allows it']);
  });
  test('a profile that is there again', async () => {
    const facts = await captured('profile-missing-rbac-legacy');
    expect(await said(facts, {})).toEqual([
      'egress n2 deny: profile kns.default does not exist',
      'ingress n1 deny: profile kns.default does not exist',
    ]);
    const back = changed(facts, { profiles: valueOf(healthy, 'profiles') });
    expect(await said(back, {})).toContain('ingress n1 allow: rule 1 of profile kns.default allows it');
  });
});

describe('nothing is read where nothing is dropped', () => {
  test('a healthy flow', async () => {
    expect(
      codeOf(
        await looking(healthy, {
          'calicoctl-get-networkpolicies': new LookError('ssh-lost', 'must not be asked'),
        }).fact('expected-decisions'),
      ),
    ).toBe('not-applicable');
  });
  test('a foreign rule', async () => {
    expect(
      codeOf(
        await looking(await captured('foreign-forward-drop-nft'), {
          'calicoctl-get-networkpolicies': new LookError('ssh-lost', 'must not be asked'),
        }).fact('expected-decisions'),
      ),
    ).toBe('not-applicable');
  });
});

const set = (namespace: string | undefined, nets: readonly string[]) => ({
  metadata: { name: 's', ...(namespace ? { namespace } : {}), labels: { role: 'trusted' } },
  spec: { nets },
});

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

describe('never half an answer', () => {
  test.each<[string, Script, string]>([
    [
      'the datastore is silent',
      { 'calicoctl-get-networkpolicies': { exit: null, timedOut: true } },
      'datastore-unreachable',
    ],
    [
      'global policies are missing',
      { 'calicoctl-get-globalnetworkpolicies': { exit: 1, stderr: 'context deadline exceeded' } },
      'datastore-unreachable',
    ],
    ['no calicoctl', { 'calicoctl-get-tiers': { exit: 127, stderr: 'not found' } }, 'tool-missing'],
    ['more than may be read', { 'calicoctl-get-networkpolicies': { ...list(), truncated: true } }, 'output-too-large'],
    [
      'names of sets cut off',
      { 'calicoctl-get-networkset-names': { stdout: 'NAMESPACE NAME', truncated: true } },
      'output-too-large',
    ],
    [
      'names of sets not in time',
      { 'calicoctl-get-networkset-names': { exit: null, timedOut: true } },
      'datastore-unreachable',
    ],
    ['names of sets refused', { 'calicoctl-get-networkset-names': { exit: 1, stderr: 'no' } }, 'command-failed'],
    ['names of sets in an unknown form', { 'calicoctl-get-networkset-names': { stdout: 'none' } }, 'not-parsed'],
    ['nothing printed', { 'calicoctl-get-networkpolicies': { stdout: '' } }, 'not-parsed'],
    ['no list', { 'calicoctl-get-networkpolicies': { stdout: 'kind: NetworkPolicy\n' } }, 'not-parsed'],
    [
      'a policy of another shape',
      {
        'calicoctl-get-networkpolicies': list({
          kind: 'NetworkPolicy',
          metadata: { name: 'x' },
          spec: { ingress: [{ action: 'Allow', source: { nets: '10.0.0.0/8' } }] },
        }),
      },
      'not-parsed',
    ],
    ['the connection is lost', { 'calicoctl-get-globalnetworksets': new LookError('ssh-lost', 'gone') }, 'ssh-lost'],
  ])('%s', async (_, script, code) => {
    const gathered = looking(denied, script);
    expect([codeOf(await gathered.fact('policy-objects')), codeOf(await gathered.fact('expected-decisions'))]).toEqual([
      code,
      'needed-fact-missing',
    ]);
  });
  test('a client of a version before tiers: the default one alone', async () => {
    expect(
      await said(denied, {
        'calicoctl-get-networkpolicies': list(denyWeb),
        'calicoctl-get-tiers': unsupported('tier'),
      }),
    ).toEqual([
      'ingress n1 deny: the policies of tier default that select the endpoint (default/deny-web) do not allow it',
    ]);
  });
  test.each<[string, Facts, RegExp]>([
    [
      'no word of the endpoint',
      { endpoint: unavailable('datastore-unreachable', 'silent') },
      /unknown: the endpoint of default\/mypod could not be read: silent/,
    ],
    [
      'no word of its profiles',
      { profiles: unavailable('datastore-unreachable', 'silent') },
      /unknown: the profiles of default\/mypod could not be read: silent/,
    ],
  ])('%s: nothing is asked, nothing said', async (_, change, words) => {
    expect(
      (
        await said(
          { ...denied, ...change },
          { 'calicoctl-get-networkpolicies': new LookError('ssh-lost', 'must not be asked') },
        )
      )[0],
    ).toMatch(words);
  });
  test('an empty list counts only beside the endpoint', async () => {
    expect((await said(changed(denied, { endpoint: null }), {}))[0]).toMatch(
      /unknown: the datastore has no endpoint of default\/mypod/,
    );
  });
});

describe('the Kubernetes datastore', () => {
  const kubernetes = { ...etcd, kind: 'kubernetes' as const };
  const none = {
    'list NetworkPolicy': [],
    'list AdminNetworkPolicy': 404,
    'list BaselineAdminNetworkPolicy': 404,
    'list ClusterNetworkPolicy': [],
  };
  const policy = {
    metadata: { name: 'deny-web', namespace: 'default' },
    spec: { podSelector: { matchLabels: { app: 'web' } }, policyTypes: ['Ingress'] },
  };
  const asked = async (api: ApiScript, script: Script = {}) =>
    (await said(changed(denied, { datastore: kubernetes }), script, { ...none, ...api }))[0];
  test("Kubernetes' own policies are read beside Calico's", async () => {
    expect(await asked({ 'list NetworkPolicy': [policy] })).toMatch(/ingress n1 deny: .*default\/deny-web/);
    expect(await asked({})).toMatch(/ingress n1 allow/);
  });
  test('one that calicoctl lists too is one', async () => {
    expect(await asked({ 'list NetworkPolicy': [policy] }, { 'calicoctl-get-networkpolicies': list(denyWeb) })).toMatch(
      /\(default\/deny-web\)/,
    );
  });
  test.each<[string, ApiScript, string]>([
    ['they may not be read', { 'list NetworkPolicy': 403 }, 'api-forbidden'],
    ['the API server is silent', { 'list NetworkPolicy': null }, 'api-unreachable'],
    [
      'there are more than may be read',
      { 'list NetworkPolicy': Array.from({ length: 500 }, () => policy) },
      'output-too-large',
    ],
    [
      'whether there are any for the whole cluster may not be asked',
      { 'list ClusterNetworkPolicy': 403 },
      'api-forbidden',
    ],
    ['there are some for the whole cluster', { 'list AdminNetworkPolicy': [policy] }, 'not-supported'],
  ])('%s: not compared', async (_, api, code) => {
    expect(await asked(api)).toMatch(new RegExp(`^${code}`));
  });
  test('which datastore is not known: not compared', async () => {
    expect((await said(changed(denied, { datastore: { ...etcd, kind: null } }), {}))[0]).toMatch(
      /^needed-fact-missing/,
    );
  });
});
