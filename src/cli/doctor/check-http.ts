import { afterAwake } from '../../adapters/awake-timer.ts';
import { listenHttp } from '../../adapters/http-listener.ts';
import type { Config } from '../../config.ts';
import { failed, ok, type Check } from '../../setup/check.ts';
import { alertSecrets, isOfBot, listenTrouble, noListen } from '../../setup/listen.ts';

/** Listens where `serve` will, for a moment. A bot that serves there already is well. */
export async function checkHttp({ LISTEN: place, ...config }: Config): Promise<readonly Check[]> {
  const needs = [
    ...alertSecrets(config).map((key) => `${key} is set: alerts`),
    ...(config.SLACK_SIGNING_SECRET !== undefined && config.SLACK_APP_TOKEN === undefined
      ? ['Slack is not in Socket Mode: its requests']
      : []),
  ];
  if (place === undefined) return needs.map(noListen);
  const { host, port } = place;
  try {
    const listener = await listenHttp({ host, port, paths: {}, maxBytes: 1, onError: () => undefined });
    await listener.close();
    return [ok('LISTEN', `${host}:${port} is free`)];
  } catch (error) {
    if (await servesAlready(host, port)) return [ok('LISTEN', `calico-chatops serves at ${host}:${port} already`)];
    return [failed('LISTEN', listenTrouble(place, error instanceof Error ? error.message : String(error)))];
  }
}

/** A bot answers this late where it is busy, or waits for Redis. */
const healthMs = 10_000;

async function servesAlready(host: string, port: number): Promise<boolean> {
  const late = new AbortController();
  const stop = afterAwake(healthMs, () => late.abort());
  try {
    const name = host === '0.0.0.0' || host === '::' ? 'localhost' : host;
    const address = name.includes(':') ? `[${name}]` : name;
    const answer = await fetch(`http://${address}:${port}/healthz`, { signal: late.signal });
    return isOfBot(await answer.json());
  } catch {
    return false;
  } finally {
    stop();
  }
}
