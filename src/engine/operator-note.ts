import type { Fact } from '../model/evidence.ts';
import type { Install } from '../model/install.ts';

const named = 2;

/** Says what Calico's operator calls degraded: it may keep a fault that is found here from being mended. */
export function operatorNote(install: Fact<Install>): readonly string[] {
  const degraded = install.status === 'observed' ? (install.value.operator?.degraded ?? []) : [];
  return degraded
    .slice(0, named)
    .map(({ component, message }) =>
      [`Calico's operator reports that ${component} is degraded`, ...(message === '' ? [] : [message])].join(': '),
    );
}
