/** An alert of one pod as Alertmanager delivers it. @param more labels */
export function alertOf(status: 'firing' | 'resolved', more: Readonly<Record<string, string>> = {}): object {
  const labels = { alertname: 'PodUnreachable', namespace: 'default', pod: 'mypod', severity: 'page', ...more };
  const alert = {
    status,
    labels,
    annotations: { summary: 'mypod does not answer' },
    startsAt: '2026-11-23T03:00:00Z',
    endsAt: status === 'resolved' ? '2026-11-23T03:10:00Z' : '0001-01-01T00:00:00Z',
    generatorURL: '',
    // Alertmanager makes it of the labels: two clusters without such a label have the same.
    fingerprint: 'f00dcafe',
  };
  return {
    version: '4',
    groupKey: '{}:{alertname="PodUnreachable"}',
    truncatedAlerts: 0,
    status,
    receiver: 'calico',
    groupLabels: {},
    commonLabels: labels,
    commonAnnotations: {},
    externalURL: '',
    alerts: [alert],
  };
}

/** Delivers one to the bot of a lab. @param query of the address, with its question mark */
export function deliverTo(
  must: (verb: string, ...rest: string[]) => Promise<string>,
  alert: object,
  query = '',
): Promise<string> {
  const headers = ['Authorization: Bearer lab-alert-token', 'Content-Type: application/json'];
  return must(
    'ops',
    '--',
    'curl',
    '-sS',
    '--fail',
    '-X',
    'POST',
    ...headers.flatMap((header) => ['-H', header]),
    '-d',
    JSON.stringify(alert),
    `http://127.0.0.1:8080/alertmanager${query}`,
  );
}
