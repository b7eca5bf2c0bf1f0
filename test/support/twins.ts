/** Another pod on the target's node of a capture: its object, interface, route, and rules like those of the target. */
import { hostInterfaceName } from '../../src/calico/endpoint-names.ts';
import type { Pod } from '../../src/model/kubernetes.ts';
import { parseIptablesSave } from '../../src/ruleset/iptables/save.ts';
import { readCapture } from '../cases/capture.ts';
import { changed, valueOf, type Facts } from './facts.ts';
import { walkedAgain } from './walked-again.ts';

interface Twin {
  readonly namespace?: string;
  readonly name: string;
  /** Changes the rules that are copied from the target's. Not given: none. */
  readonly rules?: (copied: readonly string[]) => readonly string[];
  /** Flags of its interface. Not given: up. */
  readonly flags?: readonly string[];
  readonly more?: Partial<Pod>;
}

const save = 'iptables-legacy-save-c.txt';

/** A rule of no dispatch. */
const isRest = (line: string) => line.startsWith('[') && !/-A cali-(?:to|from)-wl-dispatch /.test(line);

/** The facts with such pods, walked again. @param capture the legacy one that the facts are of */
export function withTwins(facts: Facts, capture: string, twins: readonly Twin[]): Facts {
  const { destination } = valueOf(facts, 'flow');
  const own = destination.interface ?? '';
  const rulesets = valueOf(facts, 'rulesets@target');
  const lines = (readCapture(capture).text(`${rulesets.node}/${save}`) ?? '').split('\n');
  const [ownLink] = valueOf(facts, 'links@target').filter(({ name }) => name === own);
  const [ownRoute] = valueOf(facts, 'routes@target').filter(({ device }) => device === own);
  if (!ownLink || !ownRoute) throw new Error(`${own} is not there`);
  const made = twins.map(({ namespace = 'default', name, rules = (copied) => copied, flags, more = {} }, at) => {
    const device = hostInterfaceName(namespace, name);
    const address = destination.address.replace(/\d+$/, String(50 + at));
    const copied = lines.filter((line) => line.includes(own)).map((line) => line.replaceAll(own, device));
    const pod: Pod = {
      metadata: { namespace, name },
      spec: { nodeName: destination.node ?? '', containers: [] },
      status: { phase: 'Running', podIP: address },
      ...more,
    };
    const link = { ...ownLink, name: device, index: 100 + at, flags: flags ?? ownLink.flags, hostRoutes: [address] };
    return { pod, link, route: { ...ownRoute, destination: `${address}/32`, device }, rules: rules(copied) };
  });
  // Chains are declared at the head of a table, and those of its own dispatch stand before the last drop.
  const added = made.flatMap((one) => one.rules);
  const text = lines.flatMap((line) => {
    if (line === '*filter') return [line, ...added.filter((one) => one.startsWith(':'))];
    const [, chain] = /-A (cali-(?:to|from)-wl-dispatch) .*Unknown interface/.exec(line) ?? [];
    const own = (one: string) => one.includes(`-A ${chain} `);
    return chain === undefined ? [line] : [...added.filter(own), line];
  });
  const end = text.indexOf('COMMIT', text.indexOf('*filter'));
  const whole = [...text.slice(0, end), ...added.filter(isRest), ...text.slice(end)].join('\n');
  const parsed = parseIptablesSave(whole, { backend: 'iptables-legacy' });
  return walkedAgain(
    changed(facts, {
      pods: [...valueOf(facts, 'pods'), ...made.map(({ pod }) => pod)],
      'links@target': [...valueOf(facts, 'links@target'), ...made.map(({ link }) => link)],
      'routes@target': [...valueOf(facts, 'routes@target'), ...made.map((one) => one.route)],
      'rulesets@target': {
        ...rulesets,
        ruleSets: rulesets.ruleSets.map((one) =>
          one.backend === parsed.backend ? { ...parsed, sets: one.sets } : one,
        ),
      },
    }),
  );
}

/** Of copied rules: without the policies of tier default, so that the profiles decide. */
export function unselected(copied: readonly string[]): readonly string[] {
  return copied.filter((line) => !/tier default|cali-p[io]-|if policy accepted/.test(line));
}

/** Of copied rules: with another profile, which allows all. */
export function profiled(profile: string): (copied: readonly string[]) => readonly string[] {
  return (copied) => [
    ...['pri', 'pro'].map((kind) => `:cali-${kind}-${profile} - [0:0]`),
    ...copied.map((line) => line.replace(/cali-(pr[io])-kns\.default/, `cali-$1-${profile}`)),
    ...['pri', 'pro'].map((kind) => `[0:0] -A cali-${kind}-${profile} -j MARK --set-xmark 0x10000/0x10000`),
  ];
}
