import { z } from 'zod';
import type { Applied, FixContext, Undone, Written } from '../../model/fix.ts';
import type { ScaledController } from '../../model/fix-inputs.ts';
import type { Deployment } from '../../model/kubernetes.ts';
import { deploymentReference, scaleTo } from './deployment.ts';
import type { StoppedController } from './look.ts';

const written = z.object({ uid: z.string().min(1) });

/** The Deployment's status changes while its pod starts: 5 tries, 1 s apart. */
const tries = { most: 5, apartMs: 1000 };

export async function write(
  context: FixContext,
  _input: ScaledController,
  { uid, resourceVersion }: StoppedController,
): Promise<Written> {
  const answer = await scaleTo(1, context, { uid, resourceVersion }, { dryRun: false });
  if (answer.ok) return { outcome: 'applied', applied: { uid } };
  const why = `${answer.request}: ${answer.reason}`;
  if (answer.status === 409) return { outcome: 'refused', why: `the Deployment changed since the last look: ${why}` };
  const unknown = answer.status === null ? ' (the Deployment may be scaled or not)' : '';
  return { outcome: 'failed', why: `${why}${unknown}` };
}

export async function undo(context: FixContext, input: ScaledController, applied: Applied): Promise<Undone> {
  const { uid } = written.parse(applied);
  const which = `Deployment ${input.namespace}/${input.name}`;
  for (let at = 1; ; at += 1) {
    const now = await context.cluster.read<Deployment>(deploymentReference);
    if (!now.ok) return { ok: false, why: `${which} is left alone: ${now.reason}` };
    const { metadata, spec } = now.value;
    if (metadata.uid !== uid) return { ok: false, why: `${which} is left alone: it is another one now` };
    if (spec.replicas === 0) return { ok: true, why: `${which} is scaled to 0 already` };
    if (spec.replicas !== 1)
      return { ok: false, why: `${which} is left alone: somebody scaled it to ${spec.replicas}` };
    const { resourceVersion } = metadata;
    // Without it the server would change whatever is there.
    if (!resourceVersion) return { ok: false, why: `${which} is left alone: its version is not known` };
    const answer = await scaleTo(0, context, { uid, resourceVersion }, { dryRun: false });
    if (answer.ok) return { ok: true, why: `${which} is scaled to 0 again` };
    if (answer.status !== 409 || at === tries.most)
      return { ok: false, why: `${which} was not scaled to 0: ${answer.reason}` };
    await context.clock.sleep(tries.apartMs);
  }
}
