/** Misconfigurations of the agent: one line a cause with all its nodes, and the command that removes it. */
import { describe, expect, test } from '@jest/globals';
import type { UnavailableCode } from '../../src/model/evidence.ts';
import { LookError } from '../../src/model/look-error.ts';
import { guardCheck } from '../../src/setup/agent-guard.ts';
import { agentTrouble } from '../../src/setup/agent-way-in.ts';

const trouble = (code: UnavailableCode, said: string) =>
  agentTrouble(new LookError(code, `node-a (agent): ${said}`), 'node-a');

test.each<[string, UnavailableCode, string, RegExp, RegExp]>([
  [
    'no DaemonSet',
    'agent-missing',
    'there is no DaemonSet calico-chatops-agent/calico-chatops-agent',
    /^the agent is not installed: namespace calico-chatops-agent has no DaemonSet .* uses no other namespace$/,
    /^Run kubectl apply -f deploy\/node-agent\/$/,
  ],
  [
    'no pod on a node',
    'agent-missing',
    'DaemonSet calico-chatops-agent has no pod there',
    /has no pod on the node$/,
    /describe daemonset calico-chatops-agent/,
  ],
  [
    'a pod of somebody else',
    'agent-missing',
    'DaemonSet calico-chatops-agent has no pod there: x is not of it, and is not used',
    /is not of its DaemonSet, and is not used$/,
    /find out who made it/,
  ],
  [
    'a pod that is not ready',
    'agent-missing',
    'its pod calico-chatops-agent-x1 is not ready: ImagePullBackOff',
    /^the agent's pod is not ready: ImagePullBackOff$/,
    /describe pods/,
  ],
  [
    'a right that is missing',
    'exec-refused',
    'the helper was not started: 403 Forbidden: pods "x" is forbidden: User "y" cannot get resource "pods/exec"',
    /^the account may not start the agent's program$/,
    /kubectl apply -f deploy\/node-agent\/rights\.yaml/,
  ],
  [
    'a policy of another version',
    'exec-refused',
    "the helper was not started: 403 Forbidden: ValidatingAdmissionPolicy 'calico-chatops-agent' denied request",
    /^an admission policy refuses the agent's program/,
    /deploy\/node-agent\/ -f deploy\/rbac\//,
  ],
  [
    'a kubelet that is not reached',
    'exec-refused',
    'the helper was not started: 500 InternalError: error dialing backend: dial tcp 192.0.2.1:10250: i/o timeout',
    /^the API server does not reach the kubelet at port 10250: i\/o timeout$/,
    /^Run kubectl get --raw \/api\/v1\/nodes\/NODE\/proxy\/healthz: .*10250 of the node, and open the port/,
  ],
  [
    'a kubelet that refuses, behind an open stream',
    'exec-refused',
    'the helper was not started: Internal error occurred: error sending request: ' +
      'Post "https://192.0.2.1:10250/exec/x": dial tcp 192.0.2.1:10250: connect: connection refused',
    /^the API server does not reach the kubelet at port 10250: connect: connection refused$/,
    /NODE\/proxy\/healthz/,
  ],
  [
    'another refusal',
    'exec-refused',
    'the helper was not started: 429 TooManyRequests: later',
    /^the API server does not start the agent's program: 429 TooManyRequests/,
    /describe pods/,
  ],
  [
    'a server without TLS',
    'exec-refused',
    'the kubeconfig names a server without TLS: http://192.0.2.9:8080',
    /^the kubeconfig names a server without TLS/,
    /kubectl config view --minify: its server must begin with https/,
  ],
  [
    'an old allow-list',
    'node-helper-missing',
    'its helper refused: not in the allow-list: ip-rule-show',
    /^the allow-list of the agent is outdated$/,
    /^Run docker build .* with a new tag, .* set image daemonset\/calico-chatops-agent agent=IMAGE$/,
  ],
  [
    'a container with too few rights',
    'node-helper-missing',
    "the node helper did not start: nsenter: reassociate to namespace 'ns/mnt' failed: Operation not permitted",
    /may not enter the mount namespace/,
    /capabilities of agent\.yaml/,
  ],
  [
    'a node without bash',
    'node-helper-missing',
    "the node helper did not start: /usr/bin/env: '/proc/self/fd/9/usr/local/bin/calico-chatops-node': No such file or directory",
    /the node, lacks a program/,
    /The node itself needs bash/,
  ],
  ['a right to find it', 'api-forbidden', 'the pod is not known: 403', /may not find the agent/, /kubectl apply/],
  ['no API server', 'api-unreachable', 'ECONNREFUSED', /ECONNREFUSED/, /readyz/],
  [
    'a kubelet that is silent',
    'timeout',
    'the node helper did not start within 10000 ms',
    /^the node helper did not start within 10000 ms: the kubelet does not answer the API server at port 10250, or/,
    /^Run kubectl get --raw \/api\/v1\/nodes\/NODE\/proxy\/healthz: .* If it answers, run uptime on the node/,
  ],
  ['a node that hangs', 'timeout', 'ip route show: no answer within 5000 ms', /ip route show: no answer/, /uptime/],
])('%s', (_, code, said, text, next) => {
  expect(trouble(code, said)).toEqual({ text: expect.stringMatching(text), next: expect.stringMatching(next) });
});

test.each(['node-a', 'node-b'])('the words are the same for all nodes: %s', (node) => {
  const look = new LookError('agent-missing', `${node} (agent): its pod agent-${node} is not ready`);
  expect(agentTrouble(look, node).text).toBe("the agent's pod is not ready");
});

describe('what the token of the bot opens', () => {
  test.each<[string, Parameters<typeof guardCheck>[0], string, RegExp]>([
    ['one program', { state: 'guarded' }, 'ok', /refuses every program but the agent's/],
    [
      'every program',
      { state: 'open' },
      'failed',
      /any program as root on every node: admission policy calico-chatops-agent, or its binding, is missing/,
    ],
    ['nobody knows', { state: 'unknown', why: 'no agent' }, 'limited', /not checked .*: no agent/],
  ])('%s', (_, guard, state, text) => {
    expect(guardCheck(guard)).toMatchObject({ state, text: expect.stringMatching(text) });
  });
});
