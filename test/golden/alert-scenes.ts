/** Threads of alerts, as the on-call person meets them. */
import type { RunAlert, RunEventBody, StormVictim } from '../../src/model/runs.ts';
import type { Finding } from '../../src/model/verdict.ts';
import { verdictChange } from '../../src/model/verdict-change.ts';
import { firstCase } from '../bot/first-case.ts';
import { ipipLost, sampleVerdict, silentPod, started } from '../bot/sample-run.ts';

if (started.type !== 'started') throw new Error('the sample does not start');
const asked = {
  ...started,
  requester: 'alert PodUnreachable',
  origin: { kind: 'alert', channel: 'C0ONCALL', thread: null, joins: null } as const,
};

const alert: RunAlert = {
  fingerprint: 'f00dcafe',
  name: 'PodUnreachable',
  summary: 'default/mypod does not answer on port 8080',
  startsAt: '2026-01-01T03:01:00.000Z',
  severity: 'page',
  runbook: 'https://runbooks.example.com/pod-unreachable',
  graph: 'https://grafana.example.com/d/pods',
};
const fires: RunEventBody = { type: 'alert', alert, status: 'firing' };
const resolves: RunEventBody = { type: 'alert', alert, status: 'resolved' };

const ended: readonly RunEventBody[] = [asked, fires, ...firstCase.filter(({ type }) => type !== 'started')];
const healthy = sampleVerdict({ verdict: 'healthy', flow: 'works', roots: [], consequences: [], blindSpots: [] });
const deny: Finding = {
  ...ipipLost,
  id: 'f9',
  rule: 'policy-denies',
  subject: { kind: 'Policy', name: 'default/deny-web' },
  title: 'NetworkPolicy default/deny-web blocks 8080/tcp',
  detail: 'It selects the pod and allows nothing from this source.',
  proof: 'counter',
  advice: {
    who: 'the owner of namespace default',
    commands: ['kubectl -n default edit networkpolicy deny-web'],
  },
};
const worse = sampleVerdict({ roots: [deny, ...sampleVerdict().roots] });
const other = sampleVerdict({ roots: [deny], consequences: [] });
const unclear = sampleVerdict({
  verdict: 'inconclusive',
  flow: 'unknown',
  roots: [],
  consequences: [],
  stop: silentPod,
});

const victim = (at: number, state: StormVictim['state'], cause: string | null = null): RunEventBody => ({
  type: 'victim',
  victim: { run: `r-${at}`, target: `shop/api-7d9c5b8f4-x${at}`, alert: 'PodUnreachable', cause, state },
});
const cause = `${ipipLost.title}; ${sampleVerdict().roots[1]?.title ?? ''}`;
const storm = Array.from({ length: 50 }, (_one, at) =>
  victim(
    at,
    at < 34
      ? 'fault'
      : at < 38
        ? 'waiting'
        : at < 42
          ? 'unclear'
          : at < 44
            ? 'other'
            : at < 47
              ? 'reachable'
              : 'resolved',
    at < 34 ? cause : null,
  ),
);

/** By the name of the picture. */
export const alertScenes: Readonly<Record<string, readonly RunEventBody[]>> = {
  'alert-running': [asked, fires],
  alert: ended,
  'alert-unclear': [asked, fires, { type: 'verdict', verdict: unclear }],
  'alert-acknowledged': [
    ...ended,
    { type: 'attention', what: 'acknowledged', by: 'U0ALICE', until: null },
    { type: 'attention', what: 'snoozed', by: 'U0ALICE', until: '2026-01-01T05:04:00.000Z' },
    { type: 'attention', what: 'muted', by: 'U0BOB', until: null },
  ],
  'alert-worse': [
    ...ended,
    { type: 'follow-up', minutes: 5, verdict: worse, changed: verdictChange(sampleVerdict(), worse) },
  ],
  'alert-other-cause': [
    ...ended,
    { type: 'follow-up', minutes: 5, verdict: other, changed: verdictChange(sampleVerdict(), other) },
  ],
  'alert-unclear-later': [
    ...ended,
    { type: 'follow-up', minutes: 5, verdict: unclear, changed: verdictChange(sampleVerdict(), unclear) },
  ],
  'alert-called': [...ended, { type: 'called', people: ['U0ALICE'], minutes: 30 }],
  'alert-resolved': [
    ...ended,
    { type: 'follow-up', minutes: 15, verdict: healthy, changed: verdictChange(sampleVerdict(), healthy) },
    resolves,
    { type: 'follow-up', minutes: 16, verdict: healthy, changed: null },
  ],
  'alert-resolved-broken': [
    ...ended,
    resolves,
    { type: 'follow-up', minutes: 16, verdict: sampleVerdict(), changed: null },
  ],
  storm: [...ended, ...storm],
  'alert-cluster': ended.map((body): RunEventBody => {
    if (body.type === 'started') return { ...body, target: { ...body.target, cluster: 'prod-eu-1' } };
    return body.type === 'verdict' ? { ...body, verdict: { ...body.verdict, cluster: 'prod-eu-1' } } : body;
  }),
};
