/** calicoctl 1.x, of Calico 2.x, as fixes use it for one pod: what differs from today's. */
import { createHash } from 'node:crypto';
import { z } from 'zod';
import { endpointOfV1, v1Object } from '../../calico/v1-objects.ts';
import {
  calicoctlV1CreateNamespaceProfile,
  calicoctlV1DeleteNamespaceProfile,
  calicoctlV1GetProfileJson,
  calicoctlV1GetWorkloadendpointJson,
  ownProfileTag,
} from '../../commands/calicoctl-v1.ts';
import { canonicalJson } from '../../model/canonical-json.ts';
import type { Command, Transcript } from '../../model/command.ts';
import { LookError } from '../../model/look-error.ts';
import type { NodeAddress, NodeShells } from '../../model/ports.ts';
import { calicoctlOn, printed, whyNotTaken, type Calicoctl } from './calicoctl.ts';

export const oldCalicoctlCommands: readonly Command[] = [
  calicoctlV1GetWorkloadendpointJson,
  calicoctlV1GetProfileJson,
  calicoctlV1CreateNamespaceProfile,
  calicoctlV1DeleteNamespaceProfile,
];

const list = z.array(z.unknown()).max(1);

/**
 * It prints neither uid nor resourceVersion. A hash of all that it prints of a profile stands for both. An equal
 * profile that somebody else made has none: it lacks the tag of this program.
 * @param pod whose endpoint `endpoint` reads; the name that it is given is one of today
 */
export function oldCalicoctlOn(
  shells: NodeShells,
  node: NodeAddress,
  { namespace, pod }: { readonly namespace: string; readonly pod: string },
): Calicoctl {
  const run = (command: Command, params: Readonly<Record<string, string>>) =>
    shells.shell(node).start({ command, moment: 'first', params }).result;
  return {
    ...calicoctlOn(shells, node),
    async profile(name) {
      const object = only(await run(calicoctlV1GetProfileJson, { name }));
      if (object === null) return none;
      const version = isOwn(object) ? createHash('sha256').update(canonicalJson(object)).digest('hex') : '';
      return { object: { metadata: { name, uid: version, resourceVersion: version } } };
    },
    async endpoint() {
      const said = await run(calicoctlV1GetWorkloadendpointJson, { namespace, pod, node: node.name });
      const object = only(said);
      if (object === null) return none;
      const read = v1Object(object, 'workloadEndpoint');
      if (!read) throw new LookError('not-parsed', `${said.command} printed something else than an endpoint`);
      const { metadata, spec } = endpointOfV1(read);
      return { object: { metadata: { name: metadata.name }, spec: { ...spec, profiles: [...(spec.profiles ?? [])] } } };
    },
    whyNotDeleted: ({ name }) => whyNotTaken(calicoctlV1DeleteNamespaceProfile, { namespace: namespaceOf(name) }),
    delete: ({ name }) => run(calicoctlV1DeleteNamespaceProfile, { namespace: namespaceOf(name) }),
  };
}

const tagged = z.object({ metadata: z.object({ tags: z.array(z.unknown()) }) });

function isOwn(profile: unknown): boolean {
  const { data } = tagged.safeParse(profile);
  return data?.metadata.tags.includes(ownProfileTag) === true;
}

/** Profiles of namespaces are in etcd alone. */
const none = { object: null, saysEtcd: true } as const;

/** `k8s_ns.NAMESPACE` */
function namespaceOf(profile: string): string {
  return profile.slice(profile.indexOf('.') + 1);
}

/** @throws LookError when calicoctl printed no list of one object or of none */
function only(transcript: Transcript): unknown {
  return printed(transcript, list)[0] ?? null;
}
