import type { Fact } from '../model/evidence.ts';
import type { Install } from '../model/install.ts';

const named = 2;

/** Returns a note about what Calico's operator reports as degraded: a fault found here may follow from it. */
export function operatorNote(install: Fact<Install>): readonly string[] {
  const degraded = install.status === 'observed' ? (install.value.operator?.degraded ?? []) : [];
  return degraded
    .slice(0, named)
    .map(({ component, message }) =>
      [`Calico's operator reports that ${component} is degraded`, ...(message === '' ? [] : [message])].join(': '),
    );
}
