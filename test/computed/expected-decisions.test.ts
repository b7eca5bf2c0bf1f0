import { describe, expect, test } from '@jest/globals';
import { unavailable } from '../../src/model/evidence.ts';
import { LookError } from '../../src/model/look-error.ts';
import { captured, changed, droppedBy, leg, valueOf, withWalk, type Facts } from '../support/facts.ts';
import { codeOf, type ApiScript, type Script } from '../probes/scripted.ts';
import { list, unsupported, denyWeb, admitting, etcd, denied, healthy, looking, said } from './datastore-answers.ts';

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
    ['some for the whole cluster, and no version', { 'list AdminNetworkPolicy': [policy] }, 'needed-fact-missing'],
  ])('%s: not compared', async (_, api, code) => {
    expect(await asked(api)).toMatch(new RegExp(`^${code}`));
  });
  test('which datastore is not known: not compared', async () => {
    expect((await said(changed(denied, { datastore: { ...etcd, kind: null } }), {}))[0]).toMatch(
      /^needed-fact-missing/,
    );
  });
});
