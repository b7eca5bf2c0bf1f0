import { checkUnits } from '../../model/declared-units.ts';
import type { Fix } from '../../model/fix.ts';

/**
 * Returns the fixes as they are, when what they declare holds together.
 * @throws Error that names every offender: as `checkUnits`; a fix around which too little is watched, that watches
 *   objects without naming them or the reverse, or that asks for a right to everything
 */
export function checkFixes(fixes: readonly Fix[]): readonly Fix[] {
  checkUnits('fixes', fixes, ({ controls, keeps, permissions, during }) => {
    const watched = controls.map(({ fact }) => fact);
    return [
      ...(watched.includes('reachability') && watched.length > 1
        ? []
        : ['watches too little: the ways to the target, and something beside them']),
      ...(watched.includes('objects') === (keeps !== undefined)
        ? []
        : ['must name the objects that it watches, and watch those that it names']),
      ...(during.traffic === '' || during.seconds <= 0 ? ['does not say how long it takes and what stops'] : []),
      ...controls.filter(({ watches }) => watches === '').map(({ fact }) => `has no words for what ${fact} watches`),
      ...permissions
        .filter(({ resource, verbs }) => resource === '*' || verbs.length === 0 || verbs.includes('*'))
        .map(({ resource, verbs }) => `asks for the right to ${verbs.join(', ') || 'nothing'} of ${resource}`),
    ];
  });
  return fixes;
}
