import type { InitFacts } from './init-facts.ts';

/**
 * Returns a script that gives the bot its access: the key, the helper on every node, the host keys, the account and its
 * kubeconfig. It may run again: what is there stays. Names and addresses were checked before they come in here.
 */
export function applyScript(facts: InitFacts): string {
  const { kubeconfig, context, calicoNamespaces } = facts;
  const kubectl = [
    ...(kubeconfig === null ? [] : [`KUBECONFIG=${quoted(kubeconfig)}`]),
    'command kubectl',
    ...(context === null ? [] : [`--context=${quoted(context)}`]),
  ].join(' ');
  const operator = calicoNamespaces.includes('calico-system');
  return `#!/bin/sh
# Gives calico-chatops its access to the cluster and its nodes. Made by calico-chatops init. Read it before you run it.
set -eu
cd "$(dirname "$0")"
kubectl() { ${kubectl} "$@"; }

kubectl apply -f rbac/${operator ? '\nkubectl apply -f rbac/calico-system/' : ''}

${facts.access.via === 'ssh' ? nodesBySsh(facts) : nodesByAgent(facts.access.image)}
kubectl -n kube-system get configmap kube-root-ca.crt -o 'jsonpath={.data.ca\\.crt}' >ca.crt
server=$(kubectl config view --minify -o 'jsonpath={.clusters[0].cluster.server}')
token=$(kubectl -n calico-chatops create token calico-chatops --duration 8760h)
umask 077
# Not by an argument: every account of this machine sees those.
cat >bot-kubeconfig.new <<END
{apiVersion: v1, kind: Config, users: [{name: bot, user: {token: "$token"}}]}
END
bot="command kubectl --kubeconfig bot-kubeconfig.new config"
$bot set-cluster it --server "$server" --certificate-authority ca.crt --embed-certs >/dev/null
$bot set-context bot --cluster it --user bot >/dev/null
$bot use-context bot >/dev/null
mv bot-kubeconfig.new bot-kubeconfig
${facts.access.via === 'ssh' ? compareKeys : ''}`;
}

const compareKeys = `
echo
echo 'Compare these host keys with those on the console of each node:'
ssh-keygen -l -f known_hosts
`;

function nodesByAgent(image: string): string {
  return `kubectl apply -f node-agent/
kubectl -n calico-chatops-agent set image daemonset/calico-chatops-agent agent=${quoted(image)}
kubectl -n calico-chatops-agent rollout status daemonset/calico-chatops-agent --timeout=120s
`;
}

function nodesBySsh({ nodes }: InitFacts): string {
  return `# It logs in to each node as root: set SSH_LOGIN to another account that may use sudo without a password.
login=\${SSH_LOGIN:-root}
[ -e bot-key ] || ssh-keygen -q -t ed25519 -N '' -C calico-chatops -f bot-key
touch known_hosts
prepare() {
    name=$1 address=$2
    echo "node $name ($address)"
    # A folder of its own: nobody else on the node may change what root runs.
    there=$(ssh "$login@$address" mktemp -d)
    scp -q -r node bot-key.pub "$login@$address:$there/"
    ssh "$login@$address" "set -e; as=; [ \\$(id -u) = 0 ] || as=sudo
\\$as $there/node/install $there/bot-key.pub; rm -r $there"
    awk -v name="$name" '$1 == name { found = 1 } END { exit !found }' known_hosts ||
        ssh-keyscan -t ed25519 "$address" 2>/dev/null | sed "s/^[^ #][^ ]* /$name /" >>known_hosts
}
${nodes.map(({ name, address }) => `prepare ${name} ${address}`).join('\n')}
`;
}

function quoted(word: string): string {
  return `'${word.replaceAll("'", String.raw`'\''`)}'`;
}
