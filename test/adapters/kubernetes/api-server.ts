import { spawn, type ChildProcess } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { apiServerProgram } from '../../../tools/lab/control-plane/programs.ts';
import { run, until } from '../../../tools/lab/run.ts';
import { makeCertificate } from '../../../tools/lab/control-plane/make-certificate.ts';
import { freePort } from '../../../tools/lab/free-port.ts';
import { kubeconfigOf } from '../../support/kubeconfig.ts';
import { asking, objectsBy, type Objects } from './requests.ts';

/** A real kube-apiserver over a real etcd, on loopback. */
export interface ApiServer {
  readonly url: string;
  /** Kubeconfig files: an administrator's, and one of `viewer`, who may do nothing. */
  readonly administrator: string;
  readonly viewer: string;
  /** Writes a kubeconfig for another server and gives its path. */
  kubeconfig(name: string, server: string, authority: Buffer, token: string): Promise<string>;
  readonly authority: Buffer;
  /** As the administrator. */
  readonly objects: Objects;
  stop(): Promise<void>;
}

const kubeconfigText = (server: string, authority: Buffer, token: string) =>
  JSON.stringify(kubeconfigOf({ server, 'certificate-authority-data': authority.toString('base64') }, token));

async function stopped(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = new Promise((done) => child.once('close', done));
  child.kill('SIGKILL');
  await ended;
}

export async function startApiServer(): Promise<ApiServer> {
  const root = await mkdtemp(join(tmpdir(), 'calico-chatops-api-'));
  const [etcdPort, peerPort, port] = [await freePort(), await freePort(), await freePort()];
  const url = `https://127.0.0.1:${port}`;
  await mkdir(`${root}/pki`);
  await run(['openssl', 'genrsa', '-out', `${root}/pki/accounts.key`, '2048']);
  await makeCertificate(`${root}/pki/api`, '/CN=api', 2, ['-addext', 'subjectAltName=IP:127.0.0.1']);
  await writeFile(
    `${root}/pki/tokens.csv`,
    'administrator-token,administrator,administrator,"system:masters"\nviewer-token,viewer,viewer\n',
  );
  const etcd = spawn(
    'etcd',
    [
      '--data-dir',
      `${root}/etcd`,
      '--listen-client-urls',
      `http://127.0.0.1:${etcdPort}`,
      '--advertise-client-urls',
      `http://127.0.0.1:${etcdPort}`,
      '--listen-peer-urls',
      `http://127.0.0.1:${peerPort}`,
      '--log-level',
      'error',
      '--logger',
      'zap',
    ],
    { stdio: 'ignore' },
  );
  const api = spawn(
    apiServerProgram(),
    [
      `--etcd-servers=http://127.0.0.1:${etcdPort}`,
      '--bind-address=127.0.0.1',
      `--secure-port=${port}`,
      `--cert-dir=${root}/pki`,
      `--tls-cert-file=${root}/pki/api.crt`,
      `--tls-private-key-file=${root}/pki/api.key`,
      `--service-account-key-file=${root}/pki/accounts.key`,
      `--service-account-signing-key-file=${root}/pki/accounts.key`,
      '--service-account-issuer=https://kubernetes.default.svc',
      '--authorization-mode=RBAC',
      `--token-auth-file=${root}/pki/tokens.csv`,
      '--service-cluster-ip-range=10.96.0.0/16',
      '--disable-admission-plugins=ServiceAccount',
      '--profiling=false',
    ],
    { stdio: ['ignore', 'ignore', 'pipe'] },
  );
  let said = '';
  api.stderr.on('data', (chunk: Buffer) => (said = (said + chunk.toString()).slice(-2000)));
  const stop = async () => {
    await Promise.all([stopped(api), stopped(etcd)]);
    await rm(root, { recursive: true, force: true });
  };
  try {
    await until('the API server to be ready', 60, async () => {
      if (api.exitCode !== null) throw new Error(`kube-apiserver ended: ${said}`);
      const answer = await run([
        'curl',
        '-sk',
        '-H',
        'Authorization: Bearer administrator-token',
        `${url}/readyz`,
      ]).catch(() => '');
      return answer === 'ok' ? true : null;
    });
  } catch (error) {
    await stop();
    throw error;
  }
  const authority = await readFile(`${root}/pki/api.crt`);
  const kubeconfig = async (name: string, server: string, ca: Buffer, token: string) => {
    const path = `${root}/${name}.kubeconfig`;
    await writeFile(path, kubeconfigText(server, ca, token));
    return path;
  };
  return {
    url,
    authority,
    objects: objectsBy(asking(url, 'administrator-token')),
    kubeconfig,
    stop,
    administrator: await kubeconfig('administrator', url, authority, 'administrator-token'),
    viewer: await kubeconfig('viewer', url, authority, 'viewer-token'),
  };
}
