import { run } from '../run.ts';

/**
 * Writes a key and its certificate, FILE.key and FILE.crt.
 * @param more further options of `openssl req`: who signs it (nobody: itself), and its extensions
 */
export async function makeCertificate(
  file: string,
  subject: string,
  days: number,
  more: readonly string[] = [],
): Promise<void> {
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-noenc', '-keyout', `${file}.key`];
  await run([
    ...['openssl', 'req', '-x509', ...key, '-out', `${file}.crt`],
    ...['-subj', subject, '-days', String(days), ...more],
  ]);
}
