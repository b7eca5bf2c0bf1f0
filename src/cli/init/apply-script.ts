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

kubectl apply -f rbac/calico-chatops.yaml${operator ? '\nkubectl apply -f rbac/calico-system/' : ''}
# Without its admission policy the right to write would be wider than what the bot needs.
if kubectl get -o name validatingadmissionpolicies.v1.admissionregistration.k8s.io >/dev/null; then
    kubectl apply -f rbac/calico-chatops-fixes.yaml
else
    echo 'No fixes through the API server: they need Kubernetes 1.30 or newer.' >&2
fi

${facts.access.via === 'ssh' ? nodesBySsh(facts) : nodesByAgent(facts.access.image)}
# The authority of the server in your kubeconfig, which may be another one than the cluster's own.
kubectl config view --minify --flatten -o 'jsonpath={.clusters[0].cluster.certificate-authority-data}' |
    base64 -d >ca.crt
[ -s ca.crt ] || kubectl -n kube-system get configmap kube-root-ca.crt -o 'jsonpath={.data.ca\\.crt}' >ca.crt
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
if [ -s known_hosts ]; then
    echo
    echo 'Compare these host keys with those on the console of each node:'
    ssh-keygen -l -f known_hosts
fi
if [ -n "$left" ]; then
    echo "Not prepared:$left. Correct what is said above, and run this script again." >&2
    exit 1
fi
`;

/** Returns the image of the agent in a script that was written before; null: it has none. */
export function agentImageIn(script: string): string | null {
  return /\bagent='([^'\n]{1,500})'$/m.exec(script)?.[1] ?? null;
}

function nodesByAgent(image: string): string {
  return `kubectl apply -f node-agent/
kubectl -n calico-chatops-agent set image daemonset/calico-chatops-agent agent=${quoted(image)}
# A node that is down does not keep the others from the bot.
kubectl -n calico-chatops-agent rollout status daemonset/calico-chatops-agent --timeout=120s ||
    echo 'The agent is not ready on every node yet: calico-chatops doctor names the others.' >&2
`;
}

function nodesBySsh({ nodes }: InitFacts): string {
  return `# It logs in to each node as root: set SSH_LOGIN to another account that may use sudo without a password.
login=\${SSH_LOGIN:-root}
[ -e bot-key ] || ssh-keygen -q -t ed25519 -N '' -C calico-chatops -f bot-key
touch known_hosts
left=
no_login() {
    echo "No login on $name. Run ssh $login@$address here, and compare the host key that it shows with the console" >&2
    echo "of the node. Then run this script again. For another account than $login, run SSH_LOGIN=ACCOUNT $0." >&2
    return 1
}
there() { ssh -o ConnectTimeout=10 "$login@$address" "$1"; }
prepare() {
    name=$1 address=$2
    echo "node $name ($address)"
    # A folder of its own: nobody else on the node may change what root runs.
    folder=$(there 'mktemp -d') || { no_login; return 1; }
    # Not scp: many nodes have no subsystem for it.
    tar -cf - node bot-key.pub | there "tar -xof - -C $folder" || return 1
    there "set -e; as=; [ \\$(id -u) = 0 ] || as=sudo
\\$as $folder/node/install $folder/bot-key.pub; rm -r $folder" || return 1
    awk -v name="$name" '$1 == name { found = 1 } END { exit !found }' known_hosts && return
    key=$(ssh-keyscan -t ed25519 "$address" 2>/dev/null | sed "s/^[^ #][^ ]* /$name /" | grep -v '^#') || return 1
    echo "$key" >>known_hosts
}
# A node that cannot be prepared does not keep the others from the bot.
${nodes.map(({ name, address }) => `prepare ${name} ${address} || left="$left ${name}"`).join('\n')}
`;
}

function quoted(word: string): string {
  return `'${word.replaceAll("'", String.raw`'\''`)}'`;
}
