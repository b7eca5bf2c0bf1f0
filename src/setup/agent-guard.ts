import type { AgentGuard } from '../model/agent.ts';
import { failed, limited, ok, type Check } from './check.ts';

const apply = 'Run kubectl apply -f deploy/node-agent/rights.yaml, on Kubernetes 1.30 or newer';

/** Says whether the token of the bot opens the agent's one program, or a shell as root. */
export function guardCheck(guard: AgentGuard): Check {
  const part = 'policy of the agent';
  if (guard.state === 'guarded') return ok(part, "the API server refuses every program but the agent's");
  if (guard.state === 'open')
    return failed(part, {
      text: 'the token of the bot starts any program as root on every node: the admission policy is missing',
      next: apply,
    });
  const { why } = guard;
  return limited(part, { text: `not checked whether other programs are refused: ${why}`, next: apply });
}
