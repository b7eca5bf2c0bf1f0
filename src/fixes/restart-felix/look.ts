/** When Felix may be restarted. Each condition is read to plan, and again to apply. */
import { felixPids } from '../../calico/felix-health.ts';
import { neededByFelix, ownKindsOfFelix } from '../../calico/felix-rights.ts';
import { bashFindFelix, bashFindFelixSupervisor } from '../../commands/bash.ts';
import { clusterInformationReads } from '../../calico/cluster-information.ts';
import { calicoctlGetClusterInformation } from '../../commands/calicoctl.ts';
import { ipAddrShow } from '../../commands/ip.ts';
import { ssTypha } from '../../commands/ss.ts';
import { reviewsAccess, type ApiRead } from '../../model/api-reads.ts';
import type { Command } from '../../model/command.ts';
import { calicoApis } from '../../model/datastore-kind.ts';
import type { Condition, FixContext, Readiness } from '../../model/fix.ts';
import type { FelixOfPod } from '../../model/fix-inputs.ts';
import { refuse } from '../kit/conditions.ts';
import { datastoreReady, informationInApi } from '../kit/datastore-ready.ts';
import { isTakenDown, linksNow } from '../kit/on-node.ts';
import { storedEndpoint, storedEndpointCommands, storedEndpointReads } from '../kit/stored-endpoint.ts';
import { printedLines } from '../kit/printed-lines.ts';
import { noTypha, typhaReads } from './typha.ts';
import { shellCommand } from '../../model/shell-words.ts';

/** Felix as it runs now. */
export interface RunningFelix {
  /** Numbers of its processes, with commas between them; empty: none runs. */
  readonly processes: string;
}

export const lookCommands: readonly Command[] = [
  bashFindFelix,
  bashFindFelixSupervisor,
  ipAddrShow,
  ssTypha,
  calicoctlGetClusterInformation,
  ...storedEndpointCommands,
];
export const lookReads: readonly ApiRead[] = [
  ...storedEndpointReads,
  ...typhaReads,
  ...clusterInformationReads,
  reviewsAccess,
];

type Refused = ReturnType<typeof refuse>;

/** @throws LookError where the node or the datastore could not be asked */
export async function look(context: FixContext, input: FelixOfPod): Promise<Readiness<RunningFelix>> {
  const { node } = input;
  const [processes, supervisors, typha, endpoint, link, ready, rights] = await Promise.all([
    printedLines(context, input, bashFindFelix),
    printedLines(context, input, bashFindFelixSupervisor),
    noTypha(context, input),
    storedEndpoint(context, input),
    linkUp(context, input),
    datastoreReady(context, input),
    rightsOfFelix(context, input),
  ]);
  const [supervisor, ...others] = supervisors;
  if (supervisor === undefined || others.length > 0)
    return refuse(
      supervisor === undefined
        ? `no runit supervisor of Felix runs on ${node}, so nothing here can restart Felix alone`
        : `${supervisors.length} supervisors of Felix run on ${node}`,
      'kubectl get pods -A -o wide -l k8s-app=calico-node   # is the pod of the node there, and is its image whole?',
    );
  if ('ready' in typha) return typha;
  const refused = [endpoint, link, ready, rights].find((one): one is Refused => 'ready' in one);
  if (refused) return refused;
  const conditions = [endpoint, link, ready, rights].flatMap((one): readonly Condition[] =>
    'ready' in one ? [] : one,
  );
  const running = [...felixPids(processes.join('\n'))].join(', ');
  return {
    ready: 'yes',
    conditions: [
      { id: 'supervisor', description: `the process that keeps Felix of ${node} running`, value: supervisor.trim() },
      {
        id: 'felix',
        description: 'Felix has not been restarted since the plan; its process',
        value: running || 'none',
      },
      typha,
      ...conditions,
    ],
    found: { processes: running },
  };
}

/** Felix programs nothing for an interface that is missing or down: a restart changes nothing there. */
async function linkUp(context: FixContext, input: FelixOfPod): Promise<readonly Condition[] | Refused> {
  const { interface: name, node } = input;
  const link = (await linksNow(context, input)).find(({ ifname }) => ifname === name);
  if (link === undefined || isTakenDown(link))
    return refuse(
      `interface ${name} of the pod is ${link === undefined ? 'missing' : 'down'} on ${node}. ` +
        'A restart changes nothing there',
      shellCommand`ip -d link show dev ${name}   # on ${node}`,
    );
  return [
    { id: 'interface', description: `interface ${name} is there, up, and the same`, value: String(link.ifindex) },
  ];
}

/** A Felix that may not list what it needs never gets in sync after a start. */
async function rightsOfFelix(
  { cluster }: FixContext,
  { datastore, account }: FelixOfPod,
): Promise<readonly Condition[] | Refused> {
  if (datastore === 'etcdv3') return [];
  if (account === null) return refuse('the account of calico-node is not known, so its rights were not checked');
  const [namespace = '', name = ''] = account.split('/');
  const user = `system:serviceaccount:${namespace}:${name}`;
  const groups = ['system:serviceaccounts', `system:serviceaccounts:${namespace}`, 'system:authenticated'];
  const readable = await informationInApi(cluster);
  const [api] = calicoApis.filter((_, at) => readable[at]?.ok === true);
  if (api === undefined) return refuse('no API of the cluster gives Calico its settings');
  const group = api.slice(0, api.indexOf('/'));
  const own = ownKindsOfFelix.map((resource) => ({ group, resource }));
  const answers = await Promise.all(
    [...neededByFelix, ...own].flatMap((need) =>
      ['list', 'watch'].map((verb) => cluster.accessReview({ user, groups, ...need, verb })),
    ),
  );
  const failed = answers.find((answer) => !answer.ok);
  if (failed && !failed.ok) return refuse(`the API server does not say what ${account} may do: ${failed.reason}`);
  const denied = answers.flatMap((answer) =>
    answer.ok && !answer.value.allowed ? [`${answer.value.verb} ${answer.value.resource}`] : [],
  );
  if (denied.length > 0)
    return refuse(
      `the account ${account} of calico-node may not ${denied.join(', ')}, so Felix would not get in sync again`,
      'kubectl get clusterrole,clusterrolebinding calico-node -o yaml   # compare with the manifest of its version',
    );
  return [{ id: 'rights', description: `${account} may list and watch what Felix needs`, value: 'all' }];
}
