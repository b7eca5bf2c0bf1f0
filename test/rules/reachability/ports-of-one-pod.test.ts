import { describe, expect, test } from '@jest/globals';
import { toFinding } from '../../../src/engine/finding.ts';
import { runningPod, servicePort } from '../../../src/model/resource.ts';
import { portNotListening as rule } from '../../../src/rules/reachability/port-not-listening.ts';
import { tried } from '../../support/attempts.ts';
import { socket, having, findingsIn, works, two, flowRefused, nodeRefused } from './listening-given.ts';

describe('another declared port', () => {
  test('is a fault of that port alone, which the judged one does not disprove', async () => {
    const [finding, ...rest] = await findingsIn(
      having(
        [socket(8080), socket(9100)],
        [
          works,
          tried('other-port', 9090, 'refused'),
          tried('own-node', 9090, 'refused'),
          tried('other-port', 9100, 'reply'),
        ],
        two,
      ),
    );
    expect(rest).toEqual([]);
    expect(finding).toMatchObject({
      message: 'nothing',
      subject: { kind: 'Pod', name: 'default/mypod' },
      stopsFlow: true,
      onOtherPort: true,
      lacks: [runningPod('default/mypod'), servicePort('default/mypod')],
    });
    if (!finding) throw new Error('no finding');
    expect(toFinding({ rule, finding }).title).toBe('No program in pod default/mypod listens on 9090/tcp');
  });
  test('several of a kind are told together, and with the judged one among them it is about the asked flow', async () => {
    const [finding, ...rest] = await findingsIn(
      having(
        [],
        [flowRefused, nodeRefused, tried('other-port', 9090, 'refused'), tried('other-port', 9100, 'refused')],
        two,
      ),
    );
    expect([finding?.data['ports'], finding?.onOtherPort, rest.length]).toEqual([
      '8080/tcp, 9090/tcp, 9100/tcp',
      false,
      0,
    ]);
  });
});
