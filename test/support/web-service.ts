import type { ServiceState } from '../../src/model/service.ts';

/** The Service default/web: port 80 leads to port 8080 of its pods. No endpoints yet. */
export const webService: ServiceState = {
  namespace: 'default',
  name: 'web',
  type: 'ClusterIP',
  address: '198.51.100.20',
  ports: [{ name: 'http', protocol: 'tcp', number: 80, targetPort: '8080' }],
  askedPort: null,
  selector: 'app=web',
  onlyLocal: false,
  endpoints: [],
};
