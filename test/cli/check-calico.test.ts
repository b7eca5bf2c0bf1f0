import { expect, test } from '@jest/globals';
import { checkCalico } from '../../src/cli/doctor/check-calico.ts';
import { readCapture } from '../cases/capture.ts';
import { captureDeps } from '../cases/judge-capture.ts';
import { inOperatorLayout } from '../cases/operator-layout.ts';
import { clusterOf } from '../probes/cluster-of.ts';
import { manifestObjects } from '../support/installs.ts';

const capture = (name: string) => captureDeps(readCapture(name));

test('doctor says what kind of Calico there is, in one line', async () => {
  const [check, ...others] = await checkCalico(capture('healthy-legacy'), 'default');
  expect(others).toEqual([]);
  expect(check).toMatchObject({ part: 'Calico', state: 'ok', next: null });
  expect(check?.text).toMatch(
    /installed from a manifest in kube-system, etcd datastore, dataplane iptables-legacy, IPIP/,
  );
});

test("the same of the operator's layout, with the Kubernetes datastore", async () => {
  const { cluster, shells } = capture('healthy-kdd-nft');
  const [check] = await checkCalico({ cluster: inOperatorLayout(cluster, 'Iptables'), shells }, 'default');
  expect(check?.text).toMatch(
    /installed by an operator \(Installation default\) in calico-system, Kubernetes datastore, dataplane iptables-nft/,
  );
});

test('without a pod it says what the API server tells', async () => {
  const { shells } = capture('healthy-legacy');
  const [check] = await checkCalico({ cluster: clusterOf(manifestObjects), shells }, 'default');
  expect(check?.text).toMatch(/^installed from a manifest in kube-system, .*dataplane not known/);
});

test('it says nothing where Calico was not found, or nothing could be read', async () => {
  const { shells } = capture('healthy-legacy');
  expect(await checkCalico({ cluster: clusterOf([]), shells }, 'default')).toEqual([]);
  const refused = { Pod: 403, DaemonSet: null, Namespace: null };
  expect(await checkCalico({ cluster: clusterOf([], { refused }), shells }, 'default')).toEqual([]);
});
