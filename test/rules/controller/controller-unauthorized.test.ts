import { describe, expect, test } from '@jest/globals';
import { observed, type Evidence } from '../../../src/model/evidence.ts';
import { controllerUnauthorized as rule } from '../../../src/rules/controller/controller-unauthorized.ts';
import { minutesBefore } from '../../../src/calico/log-age.ts';
import { blind, captured, changed, valueOf, type Facts } from '../../support/facts.ts';
import { testRule, type RuleRow } from '../../support/rule-tester.ts';

const facts = await captured('healthy-legacy');
const account = { namespace: 'kube-system', name: 'calico-kube-controllers' } as const;
const read: Evidence = { command: 'GET log', node: null, at: '2026-11-23T18:12:00.000Z', excerpt: '', file: null };
const saying = (...lines: readonly string[]): Facts => ({
  ...changed(facts, { 'controller-account': { ...account, state: 'present' } }),
  'controller-log': observed(lines, [read]),
});
const reflector =
  'E1123 18:11:14.910000 1 reflector.go:200] "Failed to watch" err="failed to list *v1.Namespace: Unauthorized"';
/** The policy controller of 2017, where the API server's answer is not JSON. */
const unreadable = [
  '2026-11-23 18:11:14,910 6 ERROR Unhandled exception killed Namespace manager',
  'Traceback (most recent call last):',
  'JSONDecodeError: Expecting value: line 1 column 1 (char 0)',
  '2026-11-23 18:11:14,911 6 INFO Restarting watch on resource: Namespace',
];
const reviews = valueOf(facts, 'controller-access');
const lacking = { 'controller-access': reviews.map((review) => ({ ...review, allowed: false })) };
const gone = changed(saying(), { 'controller-account': { ...account, state: 'absent' } });
const found = 'refused ServiceAccount kube-system/calico-kube-controllers @- read';

testRule(rule, {
  lab: 'controller-unauthorized',
  rows: [
    [
      'fails: the account is gone',
      () => gone,
      [
        {
          finding: 'gone ServiceAccount kube-system/calico-kube-controllers @- read',
          data: { effect: ', and makes no profiles and policies', log: '' },
          withholds: ['profile:kns.*', 'profile:ksa.*', 'profile:k8s_ns.*'],
        },
      ],
    ],
    [
      'fails: the account is gone, whatever the log says',
      () => blind(gone, ['controller-log'], 'api-forbidden'),
      ['gone ServiceAccount kube-system/calico-kube-controllers @- read'],
    ],
    ...(
      [
        ['client-go', reflector],
        ['older client-go', 'E1123 18:10:30.1 1 reflector.go:9] Failed to list *v1.Pod: Unauthorized'],
        [
          'the health check of the controller',
          '2026-11-23 18:11:14.910 [ERROR][1] run.go 1: Received bad status code from apiserver error=Unauthorized status=401',
        ],
        [
          'the policy controller',
          "2026-11-23 18:11:14,910 6 ERROR Error querying API: {'reason': 'Unauthorized', 'code': 401}",
        ],
        [
          'the datastore of Kubernetes',
          '2026-11-23 18:11:14.910 [ERROR][1] a.go 1: x error=connection is unauthorized: Unauthorized',
        ],
      ] as const
    ).map(([who, line]): RuleRow => [
      `fails: the token is refused, says ${who}`,
      () => saying('all well', line),
      [found],
    ]),
    [
      'explains no profile with the Kubernetes datastore',
      () => changed(saying(reflector), { datastore: { ...valueOf(facts, 'datastore'), kind: 'kubernetes' } }),
      [{ finding: found, data: { effect: '' }, withholds: [] }],
    ],
    ...(
      [
        [
          'a right is refused, so the token is not',
          'err="pods is forbidden: User \\"system:serviceaccount:x:y\\" cannot',
        ],
        [
          'the controller runs',
          '2026-11-23 18:11:20.000 [INFO][1] a.go 1: Namespace/Profile controller is now running',
        ],
        ['it wrote', '2026-11-23 18:11:20.000 [INFO][1] a.go 1: Successfully created profile'],
        ['the policy controller lists', '2026-11-23 18:11:20,000 6 INFO Done syncing pod(s) - new resourceVersion: 7'],
      ] as const
    ).map(([why, line]): RuleRow => [
      `passes: the token was accepted after that: ${why}`,
      () => saying(reflector, line),
      'pass',
    ]),
    [
      'fails: a client without a token is refused',
      () => saying(reflector, 'pods is forbidden: User "system:anonymous" cannot'),
      [found],
    ],
    ['fails: it was accepted before that', () => saying('a controller is now running', reflector), [found]],
    ['inconclusive: that was eight minutes ago', () => saying(reflector.replace('18:11', '18:04')), 'inconclusive'],
    ['inconclusive: that was long ago', () => saying(reflector.replace('18:11', '11:11')), 'inconclusive'],
    [
      'inconclusive: nobody knows when that was',
      () => saying(reflector.replace('E1123 18:11:14.910000 1 ', '')),
      'inconclusive',
    ],
    [
      'inconclusive: the log may not be read',
      () => blind(saying(), ['controller-log'], 'api-forbidden'),
      'inconclusive',
    ],
    ['inconclusive: an answer that is not JSON has several causes', () => saying(...unreadable), 'inconclusive'],
    [
      'inconclusive: the same, and nobody knows its rights',
      () => blind(saying(...unreadable), ['controller-access'], 'api-forbidden'),
      'inconclusive',
    ],
    [
      'does not apply: the account lacks rights, which such an answer tells too',
      () => changed(saying(...unreadable), lacking),
      'not-applicable',
    ],
    [
      'passes: a later answer was read',
      () => saying(...unreadable, '2026-11-23 18:11:20,000 6 INFO Done syncing Pod(s) - new resourceVersion: 7'),
      'pass',
    ],
    ['passes: a refusal of rights is another thing', () => saying('pods is forbidden: User "x" cannot list'), 'pass'],
    [
      'inconclusive: the account was not read',
      () => blind(saying(), ['controller-account'], 'api-forbidden'),
      'inconclusive',
    ],
    [
      'does not apply without a controller',
      () => blind(saying(), ['controller-account'], 'not-applicable'),
      'not-applicable',
    ],
  ],
});

describe('the age of a line', () => {
  test.each([
    ['2026-11-23 18:02:00.000 [INFO] x', 10],
    ['2017-11-23 18:02:00,000 6 INFO x', 10 + 3287 * 24 * 60],
    ['E1123 18:02:00.000001 1 x', 10],
    ['E1231 18:12:00.000001 1 of the year before', 327 * 24 * 60],
    ['E1123 18:13:00.000001 1 a clock that is ahead', -1],
    ['no time at all', null],
    ['E9999 18:02:00 x', null],
    ['', null],
  ])('%s', (line, minutes) => {
    expect(minutesBefore(read.at, line)).toBe(minutes);
  });
});
