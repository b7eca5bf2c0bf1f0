/** Every unit that diagnoses and fixes use, checked together before anybody uses them. */
import { computed } from './computed/registry.ts';
import { checkTogether } from './engine/check-together.ts';
import { fixes } from './fixes/registry.ts';
import { probes } from './probes/registry.ts';
import { rules } from './rules/registry.ts';

export const units = checkTogether({ probes, computed, rules, fixes });
