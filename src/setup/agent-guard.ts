import type { AgentGuard } from '../model/agent.ts';
import { applyAgent } from '../model/agent.ts';
import { isOfRights } from './agent-way-in.ts';
import { failed, limited, ok, type Check } from './check.ts';

const apply = `Run ${applyAgent}rights.yaml, on Kubernetes 1.30 or newer`;

export const guardPart = 'policy of the agent';

/** Says whether the token of the bot opens the agent's one program, or a shell as root. */
export function guardCheck(guard: AgentGuard): Check {
  const part = guardPart;
  if (guard.state === 'guarded') return ok(part, "the API server refuses every program but the agent's");
  if (guard.state === 'open')
    return failed(part, {
      text:
        'the token of the bot starts any program as root on every node: ' +
        'admission policy calico-chatops-agent, or its binding, is missing',
      next: apply,
    });
  const { why } = guard;
  return limited(part, { text: `not checked whether other programs are refused: ${why}`, next: apply });
}

interface AgentChecks {
  readonly rights: Check;
  readonly policy: Check;
  readonly nodes: readonly Check[];
}

/** Returns one line a cause: what an account lacks, or what closes all nodes, also hides the policy. */
export function oneCause({ rights, policy, nodes }: AgentChecks): readonly Check[] {
  // What may be told of the policy is told; that nobody could try it is not a cause.
  const isTried = policy.state !== 'limited';
  const isLacking = rights.next === `Run ${applyAgent}`;
  const following = isLacking ? nodes.filter(({ state, text }) => state !== 'ok' && isOfRights(text)) : [];
  const isClosed = nodes.some(({ state }) => state === 'failed');
  const worst = following.find(({ state }) => state === 'failed');
  return [
    worst === undefined ? rights : { ...rights, state: worst.state },
    ...(isTried || !(isLacking || isClosed) ? [policy] : []),
    ...nodes.filter((check) => !following.includes(check)),
  ];
}
