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
      "grep -iE 'etcd(endpoints|certfile|keyfile|cacertfile)' /etc/calico/calicoctl.cfg   # on {node}",
      'openssl s_client -connect {etcdServer} -cert CERT -key KEY -CAfile CA </dev/null   # shows the certificates ' +
        'and the TLS error. From these settings, CERT: its certificate, KEY: its key, CA: the file of the CA{etcd}',
    ],
  },
  messages: {
    unreachable: {
      title: "Calico's datastore does not answer calicoctl on {node}",
      detail:
        'calicoctl printed: {error}. {meaning} Endpoints, profiles and pools are not checked. Felix keeps the rules ' +
        'that it has.',
    },
  },
  judge({ datastore }, _considered, evidence) {
    const { node } = datastore;
    // Without a node it was read through the API server, which answered.
    if (datastore.reachable || node === null) return pass('the datastore answers');
    const server = serverOf(datastore.error ?? '');
    return fail({
      message: 'unreachable',
      data: {
        node,
        error: datastore.error ?? 'nothing',
        meaning: meaningOf(datastore.error ?? ''),
        ...(server === null
          ? { etcdServer: 'ETCD:2379', etcd: ', ETCD: the name of the server' }
          : { etcdServer: server, etcd: '' }),
      },
      subject: { kind: 'Datastore', name: `calicoctl on ${node}` },
      node,
      proof: 'read',
      evidence: evidence('datastore'),
      stopsFlow: false,
      withholds: isSilent(datastore.error ?? '') ? [datastoreOf('felix', node), datastoreOf('cni', node)] : [],
    });
  },
});

/**
 * What calicoctl's words say of the cause, the first that fits. Sources: Go's crypto/x509, crypto/tls and net packages;
 * with a failing TLS handshake, etcd's client may also print nothing until it is ended.
 */
const meanings: readonly (readonly [words: RegExp, meaning: string])[] = [
  [
    /certificate has expired or is not yet valid/i,
    'The certificate of the datastore has expired, or the clock of the node is wrong.',
  ],
  [/signed by unknown authority/i, "The CA file of calicoctl did not sign the datastore's certificate."],
  [
    /certificate is (?:not )?valid for|cannot validate certificate|IP SANs/i,
    "The datastore's certificate does not name the address that calicoctl uses.",
  ],
  [/private key does not match/i, "calicoctl's key file does not belong to its certificate."],
  [
    /remote error: tls: (?:[a-z]{1,20} certificate|certificate required)/i,
    "The datastore refuses calicoctl's client certificate: it is expired, missing, or of another CA.",
  ],
  [/remote error: tls/i, 'The datastore ended the TLS handshake, and does not say that a certificate is why.'],
  [/no such host/i, 'The name of the datastore does not resolve on the node: check the endpoints of calicoctl.'],
  [/no etcd endpoints/i, "calicoctl's settings name no datastore."],
  [
    /unauthori[sz]ed|forbidden|etcdserver: permission denied|code = PermissionDenied/i,
    'The datastore answers, and refuses the account that calicoctl uses.',
  ],
  [/connection refused/i, 'Nothing listens at this address and port, or a rule rejects the connection.'],
  [
    /no route to host|network is unreachable/i,
    'The node has no route to the datastore, or a rule rejects the packets.',
  ],
  [
    /no answer in time|deadline exceeded|i\/o timeout/i,
    'The datastore may be down, the packets lost, or the TLS handshake may fail without a word.',
  ],
];

function meaningOf(error: string): string {
  return meanings.find(([words]) => words.test(error))?.[1] ?? 'These words do not tell why.';
}

/** The address and port that calicoctl tried, where its words name it; of no other one may a command be told. */
function serverOf(error: string): string | null {
  const [, dialled = null] =
    /\bdial tcp ((?:\d{1,3}\.){3}\d{1,3}:\d{1,5}|\[[\da-f:]{2,39}\]:\d{1,5}):/i.exec(error) ?? [];
  return dialled;
}

const silence =
  /no answer in time|deadline exceeded|connection refused|i\/o timeout|no route to host|network is unreachable/i;

/**
 * No answer came back at all, so the node's other clients get none either. What the datastore, or calicoctl itself,
 * says of calicoctl's own certificate, key or rights holds for no other client.
 */
function isSilent(error: string): boolean {
  if (/x509|certificate|tls:|private key|unauthori[sz]ed|forbidden|permission denied/i.test(error)) return false;
  return silence.test(error);
}
