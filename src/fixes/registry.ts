import type { Fix } from '../model/fix.ts';

/** Every fix, in no order. */
export const fixes: readonly Fix[] = [];
