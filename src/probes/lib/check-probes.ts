import { checkUnits } from '../../model/declared-units.ts';
import type { Probe } from '../../model/probe.ts';

/**
 * Returns the probes as they are, when what they declare holds together.
 * @throws Error that names every offender: as `checkUnits`; a fact that two provide; a probe that provides nothing,
 *   runs commands nowhere, writes, or sends packets with the first reads of a run
 */
export function checkProbes(probes: readonly Probe[]): readonly Probe[] {
  const providers = new Map<string, string>();
  checkUnits('probes', probes, (probe) => {
    const { id, kind, commands, provides, moment = 'first' } = probe;
    const twice = provides.flatMap((fact) => {
      const other = providers.get(fact);
      providers.set(fact, id);
      return other === undefined ? [] : [`provides ${fact}, as ${other} does`];
    });
    const places = probe.place === 'node' ? probe.places : (probe.runsOn ?? []);
    return [
      ...twice,
      ...(provides.length === 0 ? ['provides nothing'] : []),
      ...(places.length === 0 && commands.length > 0 ? ['has commands and no node to run them on'] : []),
      ...commands.filter(({ writes }) => writes).map((command) => `runs ${command.id}, which writes`),
      ...(kind === 'active' && moment === 'first' ? ['sends packets and does not say when'] : []),
    ];
  });
  return probes;
}
