/** A packet that is lost somewhere is followed until there, and its reply back: real packets, on both backends. */
import { expect, test } from '@jest/globals';
import { diagnose } from '../../tools/lab/diagnosis.ts';
import { describeLab, labCommand, mustSucceed } from '../../tools/lab/harness.ts';
import { labPaths, podPart } from '../../tools/lab/paths.ts';
import { run, until } from '../../tools/lab/run.ts';
import { sharedLab } from '../../tools/lab/shared-lab.ts';
import { takenBackAfterEach } from '../../tools/lab/take-backs.ts';
import { dataplanes, hostInterface } from '../../tools/lab/topology.ts';
import type { Verdict } from '../../src/model/verdict.ts';

const [pod, client, local] = ['10.244.1.5', '10.244.2.7', 'pod:shop/db'];
const podCard = hostInterface('default', 'mypod');
const clientCard = hostInterface('default', 'client');
const localCard = hostInterface('shop', 'db');
const hook = (family: string, at: string, rule: string) =>
  `nft 'table ${family} lost { chain way { type filter hook ${at}; ${rule} drop; }; }'`;
/** After all of Calico's chains, where no rule of a cause speaks for it. */
const forward = (rule: string) => hook('inet', 'forward priority 200', rule);

interface Loss {
  readonly what: string;
  /** `node-a`, `underlay` or `pod NS/NAME`, and what is run there. */
  readonly break: readonly (readonly [string, string])[];
  readonly heal: readonly (readonly [string, string])[];
  readonly from?: string;
  readonly port?: string;
  /** `DIRECTION: LAST SEEN → MISSING`, by network interfaces. */
  readonly stop: string | null;
}
const lostAt = (at: string, command: string, family = 'inet'): Pick<Loss, 'break' | 'heal'> => ({
  break: [[at, command]],
  heal: [[at, `nft delete table ${family} lost`]],
});

const losses: readonly Loss[] = [
  {
    what: "the source pod's own filter drops the request",
    ...lostAt('pod default/client', hook('inet', 'output priority 0', `ip daddr ${pod}`)),
    stop: `request: - → ${clientCard} of node-b`,
  },
  {
    what: "a chain on the source's node drops the request",
    ...lostAt('node-b', forward(`ip daddr ${pod}`)),
    stop: `request: ${clientCard} of node-b → eth0 of node-b`,
  },
  {
    what: "a chain on the target's node drops the packet that carries the request",
    ...lostAt('node-a', hook('inet', 'input priority -200', 'ip protocol 4')),
    stop: 'request: eth0 of node-a → tunl0 of node-a',
  },
  {
    what: 'a chain behind the tunnel drops the request, before the pod',
    ...lostAt('node-a', forward(`ip daddr ${pod} tcp dport 8080`)),
    stop: `request: tunl0 of node-a → ${podCard} of node-a`,
  },
  {
    what: "the pod's own filter drops the request",
    ...lostAt('pod default/mypod', hook('inet', 'input priority 0', 'tcp dport 8080')),
    stop: `reply: ${podCard} of node-a → ${podCard} of node-a`,
  },
  {
    what: 'the routes of the pod are gone',
    break: [['pod default/mypod', 'ip link set eth0 down; ip link set eth0 up']],
    heal: [
      [
        'pod default/mypod',
        'ip route add 169.254.1.1 dev eth0 scope link; ip route add default via 169.254.1.1 dev eth0',
      ],
    ],
    stop: `reply: ${podCard} of node-a → ${podCard} of node-a`,
  },
  {
    what: "a chain on the target's node drops the reply",
    ...lostAt('node-a', forward(`ip saddr ${pod} tcp sport 8080`)),
    stop: `reply: ${podCard} of node-a → tunl0 of node-a`,
  },
  {
    what: 'the reply is lost between the nodes',
    ...lostAt('underlay', hook('bridge', 'forward priority 0', 'ip saddr 10.250.0.11 ip protocol 4'), 'bridge'),
    stop: 'reply: eth0 of node-a → eth0 of node-b',
  },
  {
    what: "a chain on the source's node drops the reply",
    ...lostAt('node-b', forward(`ip saddr ${pod} ip daddr ${client}`)),
    stop: `reply: eth0 of node-b → ${clientCard} of node-b`,
  },
  {
    what: 'within one node: a chain drops the request',
    ...lostAt('node-a', forward(`ip daddr ${pod}`)),
    from: local,
    stop: `request: ${localCard} of node-a → ${podCard} of node-a`,
  },
  {
    what: 'within one node: a chain drops the reply',
    ...lostAt('node-a', forward(`ip saddr ${pod}`)),
    from: local,
    stop: `reply: ${podCard} of node-a → ${localCard} of node-a`,
  },
  {
    what: 'a ping of the asked length is lost',
    ...lostAt('node-a', forward(`ip daddr ${pod} icmp type echo-request meta length < 720`)),
    port: 'icmp',
    stop: `request: tunl0 of node-a → ${podCard} of node-a`,
  },
  {
    what: 'a datagram is lost',
    ...lostAt('node-a', forward(`ip daddr ${pod} udp dport 5300`)),
    port: '5300/udp',
    stop: `request: tunl0 of node-a → ${podCard} of node-a`,
  },
  {
    what: 'the answer to a datagram is lost',
    ...lostAt('node-b', forward(`ip saddr ${pod} udp sport 5300`)),
    port: '5300/udp',
    stop: `reply: eth0 of node-b → ${clientCard} of node-b`,
  },
  { what: 'a datagram is answered', break: [], heal: [], port: '5300/udp', stop: null },
  { what: 'a DNS server answers what it understands', break: [], heal: [], port: '53/udp', stop: null },
];

function stopOf({ stop }: Verdict): string | null {
  const at = (place: 'lastSeen' | 'missing') => {
    const { interface: device, node } = stop?.[place] ?? { interface: null, node: null };
    return device === null ? '-' : `${device} of ${node}`;
  };
  return stop && `${stop.direction}: ${at('lastSeen')} → ${at('missing')}`;
}

describeLab.each(dataplanes)('where a packet stops, iptables %s', (dataplane) => {
  const name = sharedLab('--dataplane', dataplane);
  const lab = labCommand(name);
  const takeBacks = takenBackAfterEach();
  const at = async (where: string, command: string) => {
    const [kind = '', which = ''] = where.split(' ');
    const shell = ['--', 'sh', '-c', command];
    const must = mustSucceed(lab);
    if (kind === 'underlay') await must('underlay', ...shell);
    else await must(kind === 'pod' ? 'pod' : 'exec', kind === 'pod' ? which : kind, ...shell);
  };

  test.each(losses)(
    '$what',
    async ({ break: breaks, heal, from = 'pod:default/client', port = '8080/tcp', stop }) => {
      if (port.endsWith('udp')) takeBacks.push(await answering(name, port.split('/')[0] ?? ''));
      for (const [where, command] of heal.toReversed()) takeBacks.push(() => at(where, command));
      for (const [where, command] of breaks) await at(where, command);
      const { verdict } = await diagnose(name, 'default/mypod', '--from', from, '--port', port);
      // With the path: it says why a point was not looked at.
      expect([stopOf(verdict), verdict.path]).toEqual([stop, expect.anything()]);
      expect(verdict.flow).toBe(stop === null ? 'works' : 'fails');
      expect(verdict.path.filter(({ status }) => status === 'lost').length).toBe(stop === null ? 0 : 1);
    },
    60_000,
  );
});

/** A service in the target pod that answers datagrams; on port 53 alone those of a DNS question's length. */
async function answering(lab: string, port: string) {
  const paths = labPaths(lab);
  const inPod = ['nsenter', `--net=${paths.namespaceFile(podPart('default', 'mypod'))}`, '--'];
  const service = `require('dgram').createSocket('udp4').on('message', function (message, from) { if (${port} !== 53 || message.length === 17) this.send('here', from.port, from.address); }).bind(${port})`;
  const pid = (
    await run(['sh', '-c', 'setsid "$@" >/dev/null 2>&1 & echo $!', 'sh', ...inPod, process.execPath, '-e', service])
  ).trim();
  await until('the service', 10, async () =>
    (await run([...inPod, 'ss', '-Hlun'])).includes(`:${port} `) ? true : null,
  );
  return () => run(['kill', pid]);
}
