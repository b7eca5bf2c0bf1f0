import { datastore as datastoreOf } from '../../model/resource.ts';
import { defineRule, fail, pass } from '../../model/rule.ts';

export const datastoreUnreachable = defineRule({
  id: 'datastore-unreachable',
  description: "Calico's datastore does not answer calicoctl on the pod's node.",
  step: 'endpoint',
  requires: ['datastore'],
  withholds: ['datastore/felix', 'datastore/cni'],
  advice: {
    who: "the owner of Calico's datastore",
    commands: [
      'calicoctl get clusterinformation   # on {node}, with /etc/calico/calicoctl.cfg',
      'openssl s_client -connect ETCD_ADDRESS:2379 -cert CERT -key KEY -CAfile CA </dev/null   # shows the ' +
        'certificates and the TLS error',
    ],
  },
  messages: {
    unreachable: {
      title: "Calico's datastore does not answer calicoctl on {node}",
      detail:
        'calicoctl printed: {error}. Endpoints, profiles and pools are not checked. Felix keeps the rules that it has.',
    },
  },
  judge({ datastore }, _considered, evidence) {
    const { node } = datastore;
    // Without a node it was read through the API server, which answered.
    if (datastore.reachable || node === null) return pass('the datastore answers');
    return fail({
      message: 'unreachable',
      data: { node, error: datastore.error ?? 'nothing' },
      subject: { kind: 'Datastore', name: `calicoctl on ${node}` },
      node,
      proof: 'read',
      evidence: evidence('datastore'),
      stopsFlow: false,
      withholds: isSilent(datastore.error ?? '') ? [datastoreOf('felix', node), datastoreOf('cni', node)] : [],
    });
  },
});

const silence =
  /no answer in time|deadline exceeded|connection refused|i\/o timeout|no route to host|network is unreachable/i;

/**
 * No answer came back at all, so the node's other clients get none either. What the datastore, or calicoctl itself,
 * says of calicoctl's own certificate, key or rights holds for no other client.
 */
function isSilent(error: string): boolean {
  if (/x509|certificate|private key|unauthori[sz]ed|forbidden/i.test(error)) return false;
  return silence.test(error);
}
