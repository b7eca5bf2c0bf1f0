import { z } from 'zod';
import { ipRouteShow } from '../../commands/ip.ts';
import type { FixContext } from '../../model/fix.ts';
import type { OneNode } from '../../model/fix-inputs.ts';
import { LookError } from '../../model/look-error.ts';
import { run } from './on-node.ts';

const routes = z.array(z.object({ dst: z.string(), dev: z.string().optional() }));
type Route = z.infer<typeof routes>[number];

/** A program of Calico writes a route within seconds of a link that comes up: 8 looks, 2 s apart. */
const looks = { most: 8, apartMs: 2000 };

/**
 * Waits until the node has such a route, a quarter of a minute at most. Nothing depends on it: who verifies sees
 * whether the flow works, and looks too early otherwise.
 */
export async function awaitRoute(
  context: FixContext,
  input: OneNode,
  isWanted: (route: Route) => boolean,
): Promise<void> {
  for (let look = 1; look <= looks.most; look += 1) {
    if (await hasRoute(context, input, isWanted)) return;
    await context.clock.sleep(looks.apartMs);
  }
}

async function hasRoute(context: FixContext, input: OneNode, isWanted: (route: Route) => boolean): Promise<boolean> {
  try {
    const { stdout } = await run(context, input, ipRouteShow);
    return routes.parse(JSON.parse(stdout)).some(isWanted);
  } catch (error) {
    if (error instanceof LookError || error instanceof z.ZodError || error instanceof SyntaxError) return false;
    throw error;
  }
}
