import { UsageError } from '../options.ts';
import type { Fault } from './fault.ts';

/**
 * Parameters of `break`, given as `key=value`.
 * @throws UsageError for one that the fault does not take.
 */
export function readParameters(fault: Fault, pairs: string[]): Record<string, string> {
  return Object.fromEntries(
    pairs.map((pair) => {
      const [key = '', value] = pair.split('=');
      if (value === undefined || !(key in fault.parameters)) {
        throw new UsageError(
          `${fault.name} takes ${
            Object.keys(fault.parameters)
              .map((one) => `${one}=…`)
              .join(', ') || 'no parameters'
          }`,
        );
      }
      return [key, value];
    }),
  );
}
