import { notJson } from '../../calico/policy-controller-log.ts';
import type { Evidence } from '../../model/evidence.ts';
import { anyOf } from '../../model/resource.ts';
import { defineRule, fail, inconclusive, notApplicable, pass, type Advice } from '../../model/rule.ts';
import { minutesBefore } from '../../calico/log-age.ts';

/**
 * What the controllers print where the API server answers 401. Sources: client-go's reflector; kube-controllers/pkg/
 * kubecontrollers/run.go; the policy controller of 2017.
 */
const refused = [
  /[Ff]ailed to (?:list|watch)(?: \*?v1[\w.]{0,60})?:? .{0,200}\bUnauthorized\b/,
  /(?:Received bad status code from apiserver|with http status code:).{0,200}\b401\b/,
  /Error querying API: .{0,300}'code': 401\b/,
  /connection is unauthorized: Unauthorized/,
];
/** What the controllers print only if the API server accepts their token. Sources: as above. */
const accepted = [
  / is forbidden: User \\?"system:serviceaccount:/,
  /controller is now running/,
  /Successfully (?:created|updated|deleted) profile/,
  /Done syncing .{1,60}new resourceVersion/,
];
/** A client tries again within two minutes, for as long as it is refused. */
const currentMinutes = 3;
const shownLines = 4;
const made = ['kns.', 'ksa.', 'k8s_ns.'].map((start) => anyOf('profile', start));

const recreate: Advice = {
  who: 'a cluster administrator',
  commands: [
    'kubectl -n {namespace} get serviceaccount {account}   # create it again from the manifest of the ' +
      'installed version',
    'kubectl -n {namespace} rollout restart deployment {name}   # the new pod gets a token of the new account',
  ],
};

export const controllerUnauthorized = defineRule({
  id: 'controller-unauthorized',
  description: "The API server does not accept the token of Calico's controller (401).",
  step: 'controller',
  requires: ['controller', 'controller-account'],
  considers: ['controller-log', 'controller-access', 'datastore'],
  withholds: ['profile'],
  advice: {
    who: 'a cluster administrator',
    commands: [
      'kubectl -n {namespace} logs deployment/{name} --tail=50   # does it still say Unauthorized?',
      'kubectl -n {namespace} rollout restart deployment {name}   # the new pod gets a new token',
      'kubectl get --raw /.well-known/openid-configuration   # issuer of the tokens; after a change of it, old ' +
        'ones end',
    ],
  },
  adviceOnly:
    'A new token comes with a new pod. To make one, the bot would need one of two rights. The right to change ' +
    'the Deployment lets it run any image as the account of the controller. The right to delete this pod is ' +
    'one to delete every pod of the namespace, because the name of this one changes. A new pod does not help ' +
    'if the token is of another issuer.',
  messages: {
    gone: {
      title: "The account {namespace}/{account} of Calico's controller does not exist",
      detail:
        'The API server refuses tokens of an account that is gone (401), so the controller reads nothing from ' +
        'Kubernetes{effect}. {log}',
    },
    refused: {
      title: "The API server does not accept the token of Calico's controller {name}",
      detail:
        'Its account {namespace}/{account} exists, and the API server answers 401 Unauthorized: the token is ' +
        'expired, of an earlier account of this name, or of another issuer. The controller reads nothing from ' +
        'Kubernetes{effect}. {log}',
    },
  },
  judge(
    { controller, 'controller-account': account },
    { 'controller-log': log, 'controller-access': access, datastore },
    evidence,
  ) {
    const [read] = evidence('controller-log');
    const said = log.status === 'observed' ? log.value : [];
    const lines = said.filter(isRefused);
    const last = lines.at(-1);
    const since = said.slice(said.findLastIndex(isRefused) + 1);
    const age = last !== undefined && read ? minutesBefore(read.at, last) : null;
    if (account.state === 'present' && last === undefined && isUnread(said))
      return access.status === 'observed' && access.value.some(({ allowed }) => !allowed)
        ? notApplicable('the account lacks rights, and older API servers refuse that in plain text, as the log tells')
        : inconclusive(unreadable);
    if (account.state === 'present' && last === undefined)
      return log.status === 'observed'
        ? pass('the account of the controller exists, and its log tells of no refused token')
        : inconclusive(`the account of the controller exists, and its log was not read: ${log.reason}`);
    if (account.state === 'present' && since.some((line) => accepted.some((one) => one.test(line))))
      return pass('the API server accepted the token of the controller after it had refused one');
    if (account.state === 'present' && (age === null || age > currentMinutes))
      return inconclusive(
        `the log of the controller tells of a refused token${age === null ? '' : ` ${Math.round(age)} minutes ago`}, ` +
          'and not whether that goes on',
      );
    const isEtcd = datastore.status === 'observed' && datastore.value.kind === 'etcdv3';
    const message = account.state === 'absent' ? 'gone' : 'refused';
    return fail({
      message,
      data: {
        namespace: account.namespace,
        account: account.name,
        name: controller.name,
        effect: isEtcd ? ', and makes no profiles and policies' : '',
        log: last === undefined ? '' : `Its log says: ${last.slice(0, 200)}`,
      },
      subject: { kind: 'ServiceAccount', name: `${account.namespace}/${account.name}` },
      node: null,
      proof: 'read',
      evidence: [...evidence('controller-account'), ...(read ? [telling(read, lines)] : [])],
      stopsFlow: false,
      withholds: isEtcd ? made : [],
      ...(message === 'gone' ? { advice: recreate } : {}),
    });
  },
});

const unreadable =
  'the API server answers the controller with something that is not JSON, and nothing says what: a token that it ' +
  "refuses (401) and a proxy's page look alike in this log. A restart of the controller gives it a new token";

/** Was the last answer of the API server to the policy controller one that it could not read? */
function isUnread(said: readonly string[]): boolean {
  const last = said.findLastIndex((line) => notJson.test(line));
  return last >= 0 && !said.slice(last).some((line) => accepted.some((one) => one.test(line)));
}

function isRefused(line: string): boolean {
  return refused.some((one) => one.test(line));
}

function telling(read: Evidence, lines: readonly string[]): Evidence {
  return lines.length === 0 ? read : { ...read, excerpt: lines.slice(-shownLines).join('\n') };
}
