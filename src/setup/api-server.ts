/** What the bot needs of the API server: an answer, its rights, and those of its fixes. */
import { delimiter } from 'node:path';
import { plural } from '../adapters/kubernetes/paths.ts';
import { agentNamespace, agentRights } from '../model/agent.ts';
import type { ApiRead } from '../model/api-reads.ts';
import type { Fix } from '../model/fix.ts';
import { noKubeconfig } from '../model/no-kubeconfig.ts';
import type { RightQuestion } from '../model/own-rights.ts';
import type { ApiAnswer } from '../model/ports.ts';
import { failed, limited, ok, type Check, type Trouble } from './check.ts';
import { renewKubeconfig } from './credentials.ts';
import { someOf } from '../model/words.ts';

type NoAnswer = Extract<ApiAnswer<unknown>, { ok: false }>;

/**
 * @param kubeconfig as KUBECONFIG names it; null: it is not set
 * @param expired that the credentials have ended, in words; null: nothing says it
 */
export function apiTrouble(
  { status, reason }: NoAnswer,
  kubeconfig: string | null,
  expired: string | null = null,
): Trouble {
  if (status === 401)
    return {
      text: expired ?? `the API server does not accept the credentials, which may have expired (${reason})`,
      next: renewKubeconfig,
    };
  if (status === 403)
    return {
      text: `the account may not list nodes (${reason})`,
      next: 'Run kubectl apply -f deploy/rbac/, and use the account calico-chatops',
    };
  if (reason === noKubeconfig)
    return { text: reason, next: 'Set KUBECONFIG to a kubeconfig of the account calico-chatops (deploy/rbac)' };
  const kubectl = kubectlWith(kubeconfig);
  if (reason.startsWith('the kubeconfig '))
    return {
      text: reason,
      next: `Run ${kubectl} config get-contexts, and correct KUBECONFIG or KUBE_CONTEXT`,
    };
  return { text: `the API server does not answer: ${reason}`, next: `Run ${kubectl} get --raw /readyz` };
}

/** An account that may not list nodes, and lacks further rights of diagnoses, is one cause: one line names them. */
export function withRights(trouble: Check, rights: readonly Check[]): readonly Check[] {
  const lacking = rights.find(({ part, state }) => part === 'rights' && state !== 'ok');
  if (lacking === undefined) return [trouble, ...rights];
  const both = { ...trouble, text: `${trouble.text}: ${lacking.text}` };
  return [both, ...rights.filter((check) => check !== lacking)];
}

/** Only the variable takes several files. */
function kubectlWith(kubeconfig: string | null): string {
  if (kubeconfig === null) return 'kubectl';
  return kubeconfig.includes(delimiter) ? `KUBECONFIG=${kubeconfig} kubectl` : `kubectl --kubeconfig ${kubeconfig}`;
}

export interface DeclaredRights {
  /** Of probes, and of what asks before a run. */
  readonly reads: readonly ApiRead[];
  readonly fixes: readonly Pick<Fix, 'reads' | 'permissions'>[];
  /** Where Calico runs, of those that exist. */
  readonly calicoNamespaces: readonly string[];
}

type MayI = (right: RightQuestion) => Promise<ApiAnswer<boolean>>;

/** Asks for every declared right. Returns one line for what diagnoses lack, and one for what fixes lack. */
export async function checkRights(
  mayI: MayI,
  { reads, fixes, calicoNamespaces }: DeclaredRights,
): Promise<readonly Check[]> {
  const reading = reads.flatMap((read) => readRights(read, calicoNamespaces));
  const fixing = [
    ...fixes.flatMap((fix) => fix.reads ?? []).flatMap((read) => readRights(read, calicoNamespaces.slice(0, 1))),
    ...fixes.flatMap(({ permissions }) => permissions.flatMap(writeRights)),
  ];
  return Promise.all([
    rightsLine(mayI, 'rights', reading, {
      without: 'checks that need them are blind spots',
      file: calicoNamespaces.includes('calico-system') ? 'deploy/rbac/ -f deploy/rbac/calico-system/' : 'deploy/rbac/',
    }),
    rightsLine(mayI, 'rights of fixes', fixing, {
      without: 'the bot cannot apply fixes through the API server',
      file: 'deploy/rbac/calico-chatops-fixes.yaml',
    }),
  ]);
}

/** Returns a line if the account is an administrator's: then nothing holds the program to what it declares. */
export const accountPart = 'account';

export async function accountChecks(mayI: MayI): Promise<readonly Check[]> {
  const answer = await mayI({ verb: '*', group: '*', resource: '*' });
  if (!answer.ok || !answer.value) return [];
  return [
    limited(accountPart, {
      text: 'the account may do everything: it is an administrator and not calico-chatops of deploy/rbac',
      next: 'Run unset KUBECONFIG if it is set (it wins over the file), or set it to the kubeconfig of the bot',
    }),
  ];
}

/** Asks for the rights that the agent needs. */
export function checkAgentRights(mayI: MayI): Promise<Check> {
  const rights = agentRights.flatMap((right) => writeRights({ ...right, namespace: agentNamespace }));
  return rightsLine(mayI, 'rights of the agent', rights, {
    without: 'the bot cannot read nodes',
    file: 'deploy/node-agent/',
  });
}

function writeRights({
  group,
  resource,
  verbs,
  names,
  namespace,
}: Fix['permissions'][number]): readonly RightQuestion[] {
  const [plain = '', subresource] = resource.split('/');
  const right = { group, resource: plain, ...(subresource && { subresource }), ...(namespace && { namespace }) };
  return verbs.flatMap((verb) => (names ?? [null]).map((name) => ({ ...right, verb, ...(name && { name }) })));
}

function readRights(read: ApiRead, calicoNamespaces: readonly string[]): readonly RightQuestion[] {
  const { verb, apiVersion, kind, subresource, where, names } = read;
  const right = {
    verb,
    group: apiVersion.includes('/') ? (apiVersion.split('/')[0] ?? '') : '',
    resource: plural(kind),
    ...(subresource ? { subresource } : {}),
  };
  const places = where === 'cluster' ? [{}] : calicoNamespaces.map((namespace) => ({ namespace }));
  return places.flatMap((place) => (names ?? [null]).map((name) => ({ ...right, ...place, ...(name && { name }) })));
}

async function rightsLine(
  mayI: MayI,
  part: string,
  asked: readonly RightQuestion[],
  { without, file }: { readonly without: string; readonly file: string },
): Promise<Check> {
  const rights = [...new Map(asked.map((right) => [JSON.stringify(right), right])).values()];
  const answers = await Promise.all(rights.map(async (right) => ({ right, answer: await mayI(right) })));
  const silent = answers.find(({ answer }) => !answer.ok)?.answer;
  if (silent && !silent.ok)
    return limited(part, {
      text: `not checked: the API server does not say what the account may do (${silent.reason})`,
      next: 'Run kubectl auth can-i --list with the kubeconfig of the bot',
    });
  const lacking = answers.filter(({ answer }) => answer.ok && !answer.value).map(({ right }) => right);
  if (lacking.length === 0) return ok(part, `${rights.length} of ${rights.length}`);
  const trouble = {
    text:
      `the account lacks ${lacking.length} of ${rights.length} (${someOf([...new Set(lacking.map(rightWords))])}): ` +
      without,
    next: `Run kubectl apply -f ${file}`,
  };
  // Without pods there is no diagnosis.
  const isVital = lacking.some(({ resource, namespace }) => resource === 'pods' && namespace === undefined);
  return (isVital ? failed : limited)(part, trouble);
}

function rightWords({ verb, resource, subresource, namespace }: RightQuestion): string {
  return `${verb} ${resource}${subresource ? `/${subresource}` : ''}${namespace ? ` in ${namespace}` : ''}`;
}
