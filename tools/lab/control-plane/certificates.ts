import { mkdir } from 'node:fs/promises';
import type { LabPaths } from '../paths.ts';
import { typhaNames } from '../objects/typha.ts';
import { run } from '../run.ts';
import { addresses, type LabNode } from '../topology.ts';
import { makeCertificate } from './make-certificate.ts';

/** How long they are valid. */
const days = 365;

/** The etcd clients, each with a certificate of its own. */
const etcdClients = ['admin', 'calicoctl', 'calico-node', 'kube-controllers', 'kube-apiserver'] as const;

async function issue(paths: LabPaths, name: string, subject: string, usage: string, names: string[]): Promise<void> {
  const authority = ['-CA', `${paths.pki}/ca.crt`, '-CAkey', `${paths.pki}/ca.key`];
  const use = ['-addext', `extendedKeyUsage=${usage}`, '-addext', 'basicConstraints=critical,CA:FALSE'];
  await makeCertificate(`${paths.pki}/${name}`, subject, days, [
    ...authority,
    ...use,
    ...(names.length > 0 ? ['-addext', `subjectAltName=${names.join(',')}`] : []),
  ]);
}

/** Makes the lab's own authority and every certificate that its programs show each other. */
export async function makeCertificates(paths: LabPaths, nodes: LabNode[]): Promise<void> {
  await mkdir(paths.pki, { recursive: true });
  await makeCertificate(`${paths.pki}/ca`, '/CN=calico-chatops lab', days);
  const here = [`IP:${addresses.controlPlane}`, 'IP:127.0.0.1', 'DNS:localhost'];
  await Promise.all([
    // etcd's JSON gateway is a client of its own server: the certificate serves both ways.
    issue(paths, 'etcd', '/CN=etcd', 'serverAuth,clientAuth', here),
    issue(paths, 'api-server', '/CN=kube-apiserver', 'serverAuth', [
      ...here,
      'IP:10.96.0.1',
      'DNS:kubernetes',
      'DNS:kubernetes.default.svc',
    ]),
    issue(paths, 'api-server-kubelet', '/O=system:masters/CN=kube-apiserver-kubelet-client', 'clientAuth', []),
    ...etcdClients.map((client) => issue(paths, `etcd-${client}`, `/CN=${client}`, 'clientAuth', [])),
    issue(paths, 'typha-server', `/CN=${typhaNames.server}`, 'serverAuth', []),
    issue(paths, 'typha-client', `/CN=${typhaNames.client}`, 'clientAuth', []),
    ...nodes.map((node) =>
      issue(paths, `kubelet-${node.name}`, `/O=system:nodes/CN=system:node:${node.name}`, 'serverAuth', [
        `IP:${node.address}`,
        `DNS:${node.name}`,
      ]),
    ),
    run(['openssl', 'genrsa', '-out', `${paths.pki}/service-accounts.key`, '2048']).then(() =>
      run([
        'openssl',
        'rsa',
        '-in',
        `${paths.pki}/service-accounts.key`,
        '-pubout',
        '-out',
        `${paths.pki}/service-accounts.pub`,
      ]),
    ),
  ]);
}
