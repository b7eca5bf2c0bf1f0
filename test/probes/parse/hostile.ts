/** What parsers must survive: any JSON, any text, and no error of theirs but a LookError. */
import * as fc from 'fast-check';
import { LookError } from '../../../src/model/look-error.ts';

/** JSON of any shape, often with the keys that `ip -j` uses. */
export const jsonText = fc.oneof(
  fc.json(),
  fc
    .array(
      fc.dictionary(
        fc.constantFrom(
          'ifname',
          'ifindex',
          'mtu',
          'flags',
          'addr_info',
          'linkinfo',
          'dst',
          'dev',
          'type',
          'nexthops',
          'name',
          'id',
        ),
        fc.oneof(fc.string(), fc.integer(), fc.constant(null), fc.array(fc.string())),
        { maxKeys: 6 },
      ),
      { maxLength: 4 },
    )
    .map((value) => JSON.stringify(value)),
);

/** The LookError that it throws, null when it throws nothing. Any other error goes on. */
export function lookErrorOf(act: () => unknown): LookError | null {
  try {
    act();
    return null;
  } catch (error) {
    if (error instanceof LookError) return error;
    throw error;
  }
}
