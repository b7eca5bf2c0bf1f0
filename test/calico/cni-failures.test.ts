import { describe, expect, test } from '@jest/globals';
import { cniFailureOf } from '../../src/calico/cni-failures.ts';
import type { PodEvent } from '../../src/model/kubernetes.ts';

const event = (message: string, reason = 'FailedCreatePodSandBox'): PodEvent => ({
  reason,
  message,
  at: '2026-11-23T18:00:00Z',
  count: 3,
});
const containerd = (error: string) =>
  event(
    `Failed to create pod sandbox: rpc error: code = Unknown desc = failed to setup network for sandbox "b638": plugin type="calico" failed (add): ${error}`,
  );
const dockershim = (error: string) =>
  event(
    `Failed to create pod sandbox: rpc error: code = Unknown desc = [failed to set up sandbox container "3dcf" network for pod "p": networkPlugin cni failed to set up pod "p_default" network: ${error}]`,
  );
const crio = (error: string) =>
  event(
    `Failed to create pod sandbox: rpc error: code = Unknown desc = failed to create pod network sandbox k8s_p_default_1: error adding pod default_p to CNI network "k8s-pod-network": plugin type="calico" failed (add): ${error}`,
  );
const unauthorized = 'error getting ClusterInformation: connection is unauthorized: Unauthorized';

describe('the kind of a failure', () => {
  test.each<[string, PodEvent, string]>([
    ['containerd', containerd(unauthorized), 'unauthorized'],
    ['docker', dockershim(unauthorized), 'unauthorized'],
    ['CRI-O', crio(unauthorized), 'unauthorized'],
    ['an expired token', containerd('error getting ClusterInformation: token has expired'), 'unauthorized'],
    [
      'rights',
      containerd(
        'error getting ClusterInformation: connection is unauthorized: clusterinformations.crd.projectcalico.org "default" is forbidden: User "system:serviceaccount:kube-system:calico-cni-plugin" cannot get resource "clusterinformations"',
      ),
      'forbidden',
    ],
    [
      'TLS',
      containerd('error getting ClusterInformation: Get "https://10.96.0.1:443/": x509: certificate has expired'),
      'certificate',
    ],
    [
      'the API server refuses connections',
      containerd(
        'error getting ClusterInformation: Get "https://10.96.0.1:443/apis": dial tcp 10.96.0.1:443: connect: connection refused',
      ),
      'unreachable',
    ],
    ['etcd is silent', containerd('context deadline exceeded'), 'unreachable'],
    [
      'a slow TLS handshake',
      containerd('Get "https://10.96.0.1:443/": net/http: TLS handshake timeout'),
      'unreachable',
    ],
    ['locked', containerd('Calico is currently not ready to process requests'), 'locked'],
    [
      'no calico-node',
      containerd(
        'stat /var/lib/calico/nodename: no such file or directory: check that the calico/node container is running and has mounted /var/lib/calico/',
      ),
      'no-node',
    ],
    [
      'pools are empty',
      containerd(
        'failed to request IPv4 addresses: Assigned 0 out of 1 requested IPv4 addresses; No IPs available in pools: [10.200.0.0/28]',
      ),
      'no-address',
    ],
    [
      'strict affinity',
      containerd(
        'failed to request IPv4 addresses: Assigned 0 out of 1 requested IPv4 addresses; No more free affine blocks and strict affinity enabled',
      ),
      'no-address',
    ],
    [
      'an old route',
      dockershim(
        "error adding host side routes for interface: calicfa03c2c5b1, error: route (Ifindex: 436, Dst: 100.80.1.62/32, Scope: 253) already exists for an interface other than 'calicfa03c2c5b1'",
      ),
      'address-taken',
    ],
    [
      'no program',
      event(
        'Failed to create pod sandbox: rpc error: code = Unknown desc = failed to setup network for sandbox "1": failed to find plugin "calico" in path [/opt/cni/bin]',
      ),
      'not-installed',
    ],
    [
      'no configuration',
      event(
        'network is not ready: container runtime network not ready: NetworkReady=false reason:NetworkPluginNotReady message:Network plugin returns error: cni plugin not initialized',
        'NetworkNotReady',
      ),
      'not-installed',
    ],
    ['anything else', containerd('netplugin failed with no error message: signal: killed'), 'other'],
    [
      'of another plugin, whose token is none of Calico',
      event(
        'Failed to create pod sandbox: rpc error: code = Unknown desc = failed to setup network for sandbox "bbb2": plugin type="consul-cni" name="consul-cni" failed (add): error retrieving pod: Unauthorized',
      ),
      'other',
    ],
  ])('%s', (_, one, kind) => {
    expect(cniFailureOf([one])?.kind).toBe(kind);
  });

  test.each<[string, readonly PodEvent[]]>([
    ['no event', []],
    [
      'a sandbox that fails for want of memory',
      [
        event(
          'Failed to create pod sandbox: rpc error: code = Unknown desc = failed to reserve sandbox name: no space left on device',
        ),
      ],
    ],
    ['an image that is not there', [event('Failed to pull image "x": unauthorized', 'Failed')]],
    ['a pod that got its network since', [containerd(unauthorized), event('Pulling image "x"', 'Pulling')]],
    ['words of a volume', [event('plugin type="calico" failed (add): Unauthorized', 'FailedMount')]],
  ])('%s is none', (_, events) => {
    expect(cniFailureOf(events)).toBeNull();
  });
});

test('tells the last failure, and what the plugin itself said', () => {
  expect(
    cniFailureOf([event('Pulling image "x"', 'Pulling'), containerd('context deadline exceeded'), crio(unauthorized)]),
  ).toEqual({
    kind: 'unauthorized',
    plugin: 'calico',
    said: unauthorized,
    at: '2026-11-23T18:00:00Z',
    count: 3,
  });
  expect(cniFailureOf([containerd('x'.repeat(2000))])?.said).toHaveLength(300);
});
