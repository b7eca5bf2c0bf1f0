/** The probe of the test packets, gathered alone with the facts of a capture and scripted nodes. */
import { unavailable } from '../../../src/model/evidence.ts';
import { markedFlows } from '../../../src/probes/traffic/marked-flows.ts';
import type { Facts } from '../../support/facts.ts';
import { probing, type Script } from '../scripted.ts';
import { flowFacts, quiet, type Given } from './flow-facts.ts';

/** Everything is answered. */
export const answered: Script = {
  'bash-tcp-connect-in-pod': {},
  ping: { stdout: '1 packets transmitted, 1 received' },
  'ping-in-pod': { stdout: '1 packets transmitted, 1 received' },
  'bash-tcp-connect': {},
  'tcpdump-flow': { stderr: quiet },
  'tcpdump-bare': { stderr: quiet },
};
/** The asked connects are not. */
export const lost: Script = { ...answered, 'bash-tcp-connect-in-pod': { exit: 124 } };

/** Gathers with the facts of a capture; `sent` has the ids of the commands, in their order. */
export function gathering(facts: Facts, script: Script, changes: Given = {}) {
  const sent: string[] = [];
  const logged = Object.fromEntries(
    Object.entries(script).map(([id, said]) => [
      id,
      (params: Readonly<Record<string, string>>) => {
        sent.push(id);
        return typeof said === 'function' ? said(params) : said;
      },
    ]),
  );
  const gathered = probing(markedFlows, {
    script: logged,
    facts: flowFacts(facts, {
      programs: unavailable('not-applicable', 'no node runs the eBPF dataplane'),
      'queues@target': [],
      'queues@source': [],
      ...changes,
    }),
  });
  return { gathered, sent };
}
