import { describe, expect, test } from '@jest/globals';
import { blindSpotLines } from '../../src/model/blind-spots.ts';
import type { BlindSpot } from '../../src/model/verdict.ts';

const spot = (change: Partial<BlindSpot>): BlindSpot => ({
  probe: 'node-routes',
  node: 'node-a',
  code: 'ssh-refused',
  reason: 'node-a (192.0.2.1:22): the key of bot was not accepted',
  affects: [],
  ...change,
});
const texts = (spots: readonly BlindSpot[]) => blindSpotLines(spots).map(({ text }) => text);

const slow = (command: string) => ({
  code: 'timeout',
  reason: `node-a: no answer of the node within 8 s: ${command}`,
});

/** The DaemonSet was asked for, for a node. */
const daemonSetOf = (node: string | null, said: string) =>
  spot({
    code: 'api-unreachable',
    probe: `daemonset@${node}`,
    node,
    reason: `GET /apis/apps/v1/daemonsets/calico-node: no answer within 10000 ms${said}`,
    affects: [`a@${node}`, `b@${node}`],
  });

describe('one line for one cause', () => {
  test('on a node, with what was asked of it for the cluster', () => {
    expect(
      blindSpotLines([
        spot({ affects: ['a', 'b'] }),
        spot({ probe: 'felix', affects: ['b', 'c'] }),
        spot({ probe: 'calico-datastore', node: null }),
      ]),
    ).toEqual([
      {
        text: 'node-a (192.0.2.1:22): the key of bot was not accepted; 3 checks not run',
        next: 'sudo deploy/node/install KEY.pub   # on node-a: lets the key of the bot in',
      },
    ]);
  });
  test('probes are counted where no rule needed them', () => {
    expect(texts([spot({}), spot({ probe: 'felix' })])).toEqual([
      'node-a (192.0.2.1:22): the key of bot was not accepted; 2 checks not run',
    ]);
  });
  test('a reason that does not name its node is told with it, and one a node', () => {
    const lost = { code: 'timeout', reason: 'no answer in time' };
    expect(
      texts([
        spot({ ...lost, affects: ['a'] }),
        spot({ ...lost, probe: 'felix', affects: ['a'] }),
        spot({ ...lost, node: 'node-b' }),
      ]),
    ).toEqual(['node-a: no answer in time; 1 check not run', 'node-routes on node-b: no answer in time']);
  });
  test.each<[string, Partial<BlindSpot>]>([
    ['code', { code: 'ssh-lost' }],
    ['reason', { reason: 'node-a (192.0.2.1:22): no answer within 5000 ms' }],
    ['node', { node: 'node-b', reason: 'node-b (192.0.2.2:22): the key of bot was not accepted' }],
  ])('another %s is another line', (_, change) => {
    expect(texts([spot({}), spot(change)])).toHaveLength(2);
  });
  test('a node that does not answer in time, whichever command it was asked to run', () => {
    expect(texts([spot(slow('ip route')), spot({ ...slow('ss -ltn'), probe: 'felix' })])).toEqual([
      'node-a: no answer in time; 2 checks not run',
    ]);
    expect(texts([spot(slow('ip route'))])).toEqual([
      'node-routes: node-a: no answer of the node within 8 s: ip route',
    ]);
  });
  test('an API server that does not answer, whatever it was asked', () => {
    const silent = 'GET /api/v1/pods: no answer within 10000 ms';
    const refused = 'GET /api/v1/events: connect ECONNREFUSED 192.0.2.1:6443';
    const said = [silent, silent.replace('pods', 'nodes?limit=5'), refused];
    expect(texts(said.map((reason) => spot({ code: 'api-unreachable', probe: 'events', node: null, reason })))).toEqual(
      [
        'API server: no answer within 10000 ms; 2 checks not run',
        'events: GET /api/v1/events: connect ECONNREFUSED 192.0.2.1:6443',
      ],
    );
  });
  test('an API server that does not answer, for whichever node it was asked, and whenever', () => {
    expect(
      texts([daemonSetOf('node-a', ''), daemonSetOf('node-b', ', a moment ago'), daemonSetOf(null, ', a moment ago')]),
    ).toEqual(['API server: no answer within 10000 ms; 6 checks not run']);
    expect(texts([daemonSetOf('node-a', ''), daemonSetOf('node-b', '')])).toEqual([
      'GET /apis/apps/v1/daemonsets/calico-node: no answer within 10000 ms; 4 checks not run',
    ]);
  });
  test('a reason that ends with the command that helps', () => {
    const missing = {
      code: 'tool-missing',
      reason: 'ipset is not installed on node-a. Run apt-get install ipset (Debian) or dnf install ipset (RHEL)',
    };
    expect(blindSpotLines([spot({ ...missing, affects: ['a'] }), spot({ ...missing, probe: 'second-look' })])).toEqual([
      {
        text: 'ipset is not installed on node-a; 1 check not run',
        next: 'apt-get install ipset (Debian) or dnf install ipset (RHEL)',
      },
    ]);
  });
  test.each(['Run curl example.org | sh', 'Run apt-get install x (Debian) or dnf install y; id (RHEL)'])(
    'what a node says never becomes a command for a person: %s',
    (words) => {
      const [line] = blindSpotLines([spot({ code: 'tool-refused', reason: `ipset: it broke. ${words}` })]);
      expect(line).toEqual({ text: `node-routes on node-a: ipset: it broke. ${words}`, next: null });
    },
  );
  test('in the order in which they were met', () => {
    expect(texts([spot({ code: 'x', reason: 'r' }), spot({}), spot({ code: 'x', reason: 'r', probe: 'p' })])).toEqual([
      'node-a: r; 2 checks not run',
      'node-routes: node-a (192.0.2.1:22): the key of bot was not accepted',
    ]);
  });
});

test.each<[string, Partial<BlindSpot>, RegExp | null]>([
  [
    'a node that does not listen',
    { reason: 'node-a (192.0.2.1:22): ECONNREFUSED' },
    /^timeout 5 bash -c '<\/dev\/tcp\/192\.0\.2\.1\/22' && echo open /,
  ],
  [
    'a node to which there is no way',
    { code: 'ssh-unreachable', reason: 'node-a (192.0.2.1:22): connect EHOSTUNREACH 192.0.2.1:22' },
    /^ip route get 192\.0\.2\.1 .*machine of the bot$/,
  ],
  [
    'a node of IPv6 to which there is no way',
    { code: 'ssh-unreachable', reason: 'node-a (2001:db8::a:22): connect EHOSTUNREACH 2001:db8::a:22' },
    /^ip route get 2001:db8::a /,
  ],
  [
    'a node to which a bastion has no way',
    {
      code: 'ssh-unreachable',
      reason: 'node-a (192.0.2.1:22): the bastion jump.example opens no way there: No route to host',
    },
    /^ip route get 192\.0\.2\.1 .*on the bastion jump\.example$/,
  ],
  [
    'a node that does not answer a bastion',
    {
      code: 'ssh-no-answer',
      reason: 'node-a (192.0.2.1:22): the bastion jump.example has no answer from there within 5000 ms',
    },
    /^timeout 5 bash -c '<\/dev\/tcp\/192\.0\.2\.1\/22' .*from the bastion jump\.example$/,
  ],
  ['an unknown host key', { code: 'ssh-host-key' }, /^ssh-keyscan node-a /],
  ['no helper', { code: 'node-helper-missing' }, /install KEY\.pub .*node-a/],
  [
    'a helper with a list that is older than the bot',
    { code: 'node-helper-missing', reason: 'node-a: its helper refused: not in the allow-list: date-seconds' },
    /^sudo deploy\/node\/install KEY\.pub .*node-a: installs the helper and its lists/,
  ],
  [
    'no ss on a node without Felix',
    {
      code: 'tool-missing',
      reason: 'ss is not installed on node-a. Run apt-get install iproute2 (Debian) or dnf install iproute (RHEL)',
    },
    /^apt-get install iproute2/,
  ],
  [
    'an ss that fails there',
    { code: 'command-failed', reason: 'ss -Hltnp ( sport = :9099 ): exit 255: Cannot open netlink socket' },
    /--case DIR/,
  ],
  [
    'a Felix that was not seen',
    {
      code: 'no-answer',
      reason: 'I found no Felix process on node-a, but a program of its name listens on its health port 9099',
    },
    /^ss -ltnp "sport = :9099"; .*on node-a/,
  ],
  [
    'a bastion whose host key is not known',
    {
      reason:
        'node-a (192.0.2.1:22): the bastion b.example:22 does not let the bot in: its host key x is not in known_hosts',
    },
    /^ssh-keyscan b\.example   # compare with the key on its console/,
  ],
  [
    'a bastion that refuses the key',
    {
      reason:
        'node-a (192.0.2.1:22): the bastion b.example:2222 does not let the bot in: the key of j was not accepted',
    },
    /^ssh-copy-id -f -i KEY\.pub -p 2222 USER@b\.example /,
  ],
  [
    'a bastion that does not answer',
    { reason: 'node-a (192.0.2.1:22): the bastion b.example:22 does not let the bot in: ECONNREFUSED' },
    /^timeout 5 bash -c '<\/dev\/tcp\/b\.example\/22' /,
  ],
  [
    'a kubelet that is silent',
    { code: 'timeout', reason: 'node-a (agent): the node helper did not start within 10000 ms' },
    /^kubectl get --raw \/api\/v1\/nodes\/node-a\/proxy\/healthz .*port 10250/,
  ],
  [
    'a kubelet that refuses',
    { code: 'exec-refused', reason: 'node-a (agent): the helper was not started: 500 error dialing backend' },
    /^kubectl get --raw \/api\/v1\/nodes\/node-a\/proxy\/healthz .*port 10250/,
  ],
  [
    'exec that is forbidden',
    { code: 'exec-refused', reason: 'node-a (agent): the helper was not started: 403 Forbidden: may not' },
    /^kubectl apply -f deploy\/node-agent\/ /,
  ],
  [
    'an API server without TLS',
    { code: 'exec-refused', reason: 'node-a (agent): the kubeconfig names a server without TLS: http://192.0.2.9' },
    /^kubectl config view --minify .*https:/,
  ],
  ['a node that hangs', { code: 'timeout', reason: 'node-a: no answer in time' }, /^uptime .*on node-a/],
  ['no packet of a client', { code: 'no-answer', reason: 'none came' }, null],
  ['no rights', { code: 'api-forbidden', node: null }, /^kubectl apply -f deploy\/rbac\//],
  ['the datastore', { code: 'datastore-unreachable', node: 'node-b', reason: 'x' }, /^calicoctl get .*node-b/],
  ['a cluster probe, by the node in its reason', { code: 'ssh-lost', node: null }, /on node-a/],
  ['what nobody can mend by a command', { code: 'not-supported' }, null],
])('what to run next: %s', (_, change, next) => {
  const [line] = blindSpotLines([spot(change)]);
  if (next === null) expect(line?.next).toBeNull();
  else expect(line?.next).toMatch(next);
});

test.each<[string, Partial<BlindSpot>, RegExp]>([
  [
    'a command of ours',
    { code: 'not-parsed' },
    /^calico-chatops diagnose NS\/POD --cluster west --case DIR {3}# in west: /,
  ],
  [
    'a command with a comment',
    { code: 'api-unreachable', node: null },
    /^kubectl get --raw \/readyz {3}# in west: with/,
  ],
  [
    'a command without one',
    { code: 'tool-missing', reason: 'x is not installed. Run apt-get install x (Debian) or dnf install x (RHEL)' },
    /\(RHEL\) {3}# in west$/,
  ],
])('where there are several clusters, %s names its own', (_, change, next) => {
  const [line] = blindSpotLines([spot(change)], 'west');
  expect(line?.next).toMatch(next);
});
