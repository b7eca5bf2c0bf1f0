import { expect, test } from '@jest/globals';
import { denials } from '../../src/computed/denials.ts';
import type { Denials } from '../../src/model/denial.ts';
import type { PacketWalk } from '../../src/model/flow-walk.ts';
import { captured, changed, derive, droppedBy, failing, leg, withWalk } from '../support/facts.ts';

test('a denial says whether the packet would end there on its right way, where it is led astray', async () => {
  const healthy = failing(await captured('healthy-legacy'));
  const owner = { kind: 'dispatch', name: 'cali-to-wl-dispatch' } as const;
  const astray = withWalk(
    healthy,
    droppedBy(leg(healthy, 'target-ingress'), owner, { comments: ['Unknown interface'] }),
  );
  const along = async (walk: PacketWalk) => {
    const fact = (await derive(changed(astray, { 'righted-walks': [walk] }), denials)) as { readonly value: Denials };
    return fact.value.denied;
  };
  expect(await along(leg(healthy, 'target-ingress'))).toMatchObject([{ offRightWay: true }]);
  expect(await along(leg(astray, 'target-ingress'))).toMatchObject([{ onRightWayToo: true }]);
  const [other] = await along(leg(healthy, 'source-egress'));
  expect(other?.offRightWay).toBeUndefined();
});
