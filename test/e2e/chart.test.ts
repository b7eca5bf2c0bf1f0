/** The chart, rendered by Helm itself and given to a real API server. */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { parse } from 'yaml';
import { chartValues, renderChart, type Manifest } from '../../scripts/render-chart.ts';
import { collectionPath } from '../../src/adapters/kubernetes/paths.ts';
import { projectRoot } from '../../tools/lab/paths.ts';
import { until } from '../../tools/lab/run.ts';
import { startApiServer, type ApiServer } from '../adapters/kubernetes/api-server.ts';
import { asking, type Ask } from '../adapters/kubernetes/requests.ts';

/** The module of the Prometheus operator has its own definition of a ServiceMonitor. */
const operator = 'github.com/prometheus-operator/prometheus-operator@v0.85.0';

const said = (program: string, ...argv: string[]) =>
  execFileSync(program, argv, { cwd: projectRoot, encoding: 'utf8' });
let helm: string;
let api: ApiServer;
let ask: Ask;

beforeAll(async () => {
  helm = said(`${projectRoot}/scripts/build-helm`).trim();
  api = await startApiServer();
  ask = asking(api.url, 'administrator-token');
  const { Dir: folder } = JSON.parse(said('go', 'mod', 'download', '-json', operator));
  const file = `${folder}/example/prometheus-operator-crd/monitoring.coreos.com_servicemonitors.yaml`;
  await api.objects.create(parse(readFileSync(file, 'utf8')));
  await until('ServiceMonitors to be served', 60, async () =>
    (await ask('GET', '/apis/monitoring.coreos.com/v1/servicemonitors')).status === 200 ? true : null,
  );
  // Helm makes the one, Calico's operator the other.
  for (const name of ['calico-chatops', 'calico-system'])
    await api.objects.create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name } });
}, 1_200_000);
afterAll(() => api?.stop());

/** A namespace is made: what is in it could not be tried otherwise. */
async function tryOut(object: Manifest): Promise<readonly [string, string]> {
  const { kind, metadata } = object;
  const path = collectionPath({ ...object, namespace: metadata.namespace });
  const dry = kind === 'Namespace' ? '' : 'dryRun=All&';
  const { status, body } = await ask('POST', `${path}?${dry}fieldValidation=Strict`, object);
  const isThere = kind === 'Namespace' && status === 409;
  return [`${kind} ${metadata.name}`, status === 201 || isThere ? '' : body];
}

test('Helm renders what deploy/ holds, refuses values that cannot work, and its lint finds nothing', () => {
  expect(said(process.execPath, 'scripts/check-chart.ts', helm)).toContain('The chart renders what deploy/ holds');
}, 120_000);

describe('the API server takes every object, and knows each of its fields, with', () => {
  test.each(Object.entries(chartValues))(
    '%s',
    async (_, values) => {
      const { rendered, why } = renderChart(helm, values);
      expect([rendered.length > 3, why]).toEqual([true, '']);
      const refused: (readonly [string, string])[] = [];
      for (const object of rendered) refused.push(await tryOut(object));
      expect(refused.filter(([, body]) => body !== '')).toEqual([]);
    },
    120_000,
  );

  test('and it refuses a field that it does not know', async () => {
    const [monitor] = renderChart(helm, chartValues['a monitor']).rendered.filter(
      ({ kind }) => kind === 'ServiceMonitor',
    );
    const strange = { ...monitor!, spec: { endpoints: [], selector: {}, colour: 'red' } };
    const [, body] = await tryOut(strange);
    expect(body).toContain('unknown field');
  });
});
