import { expect, test } from '@jest/globals';
import { findCalico } from '../../src/compose-find-calico.ts';
import { readCapture } from '../cases/capture.ts';
import { captureDeps } from '../cases/judge-capture.ts';
import { inOperatorLayout } from '../cases/operator-layout.ts';
import { clusterOf } from '../probes/cluster-of.ts';
import { manifestObjects } from '../support/installs.ts';

const capture = (name: string) => captureDeps(readCapture(name));

test('doctor says what kind of Calico there is, in one line', async () => {
  const {
    checks: [check, ...others],
    datastore,
  } = await findCalico(capture('healthy-legacy'), 'default');
  expect([others, datastore]).toEqual([[], 'etcdv3']);
  expect(check).toMatchObject({ part: 'Calico', state: 'ok', next: null });
  expect(check?.text).toMatch(
    /installed from a manifest in kube-system, etcd datastore, dataplane iptables-legacy, IPIP/,
  );
});

test("the same of the operator's layout, with the Kubernetes datastore", async () => {
  const { cluster, shells } = capture('healthy-kdd-nft');
  const { checks, datastore } = await findCalico({ cluster: inOperatorLayout(cluster, 'Iptables'), shells }, 'default');
  expect(datastore).toBe('kubernetes');
  expect(checks[0]?.text).toMatch(
    /installed by an operator \(Installation default\) in calico-system, Kubernetes datastore, dataplane iptables-nft/,
  );
});

test('without a pod it says what the API server tells', async () => {
  const { shells } = capture('healthy-legacy');
  const { checks } = await findCalico({ cluster: clusterOf(manifestObjects), shells }, 'default');
  expect(checks[0]?.text).toMatch(/^installed from a manifest in kube-system, .*dataplane not known/);
});

test('where Calico is not found it says so; where nothing may be read, the rights say it', async () => {
  const { shells } = capture('healthy-legacy');
  const missing = await findCalico({ cluster: clusterOf([]), shells }, 'default');
  expect(missing).toMatchObject({ checks: [{ state: 'limited' }], datastore: null });
  const refused = { Pod: 403, DaemonSet: null, Namespace: null };
  expect(await findCalico({ cluster: clusterOf([], { refused }), shells }, 'default')).toEqual({
    checks: [],
    datastore: null,
  });
});
