import { datastore as datastoreOf } from '../../model/resource.ts';
import { defineRule, fail, pass } from '../../model/rule.ts';

export const datastoreUnreachable = defineRule({
  id: 'datastore-unreachable',
  description: "Calico's datastore cannot be reached from the pod's node with the settings that calicoctl has there.",
  step: 'endpoint',
  requires: ['datastore'],
  withholds: ['datastore/felix', 'datastore/cni'],
  advice: {
    who: "whoever looks after Calico's datastore",
    commands: [
      'calicoctl get clusterinformation   # on {node}, with /etc/calico/calicoctl.cfg',
      'openssl s_client -connect ETCD_ADDRESS:2379 -cert CERT -key KEY -CAfile CA </dev/null   # shows certificate dates and who refuses whom',
    ],
  },
  messages: {
    unreachable: {
      title: "Calico's datastore does not answer calicoctl on {node}",
      detail: 'It said: {error}. Endpoints, profiles and pools could not be read; Felix goes on with what it has.',
    },
  },
  judge({ datastore }, _considered, evidence) {
    if (datastore.reachable) return pass('the datastore answers');
    return fail({
      message: 'unreachable',
      data: { node: datastore.node, error: datastore.error ?? 'nothing' },
      subject: { kind: 'Datastore', name: `calicoctl on ${datastore.node}` },
      node: datastore.node,
      proof: 'read',
      evidence: evidence('datastore'),
      stopsFlow: false,
      withholds: isSilent(datastore.error ?? '')
        ? [datastoreOf('felix', datastore.node), datastoreOf('cni', datastore.node)]
        : [],
    });
  },
});

/**
 * No answer came back at all, so the node's other clients get none either. What the datastore, or calicoctl itself, says
 * of calicoctl's own certificate, key or rights holds for no other client.
 */
function isSilent(error: string): boolean {
  if (/x509|certificate|private key|unauthori[sz]ed|forbidden/i.test(error)) return false;
  return /no answer in time|deadline exceeded|connection refused|i\/o timeout|no route to host|network is unreachable/i.test(
    error,
  );
}
