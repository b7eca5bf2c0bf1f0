import { describe } from '@jest/globals';

/** What needs root is reported as skipped, by name, where tests run as somebody else. */
export const describeAsRoot = process.getuid?.() === 0 ? describe : describe.skip;
