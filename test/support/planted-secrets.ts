/** Secrets as other people leave them in environments, arguments, annotations and logs: a text, and what of it is secret. */
const secret = (n: number) => `pl4nted${String(n).padStart(2, '0')}Zq`;
const letters = (n: number) =>
  `PLANTED${String.fromCodePoint(65 + (n % 26))}${String.fromCodePoint(65 + Math.floor(n / 26))}ZQ`;

/** Given a value that is secret: how it stands in a text. */
const forms: readonly ((value: string, n: number) => string)[] = [
  (v) => `MYSQL_PWD=${v}`,
  (v) => `PGPASSWORD=${v}`,
  (_, n) => `AWS_ACCESS_KEY_ID=AKIA${letters(n)}ABCDE`,
  (v) => `AWS_SECRET_ACCESS_KEY=${v}/abc+def`,
  (v) => `key sk_live_${v}AAAA in use`,
  (v) => `cloning with ghp_${v}AAAAAAAA`,
  (v) => `user:${v}@tcp(db.example:3306)/app`,
  (v) => `redis://:${v}@redis:6379/0`,
  (v) => `postgres://app:${v}@db:5432/app?sslmode=disable`,
  (v) => `PASSPHRASE=${v}`,
  (v) => `ENCRYPTION_KEY=${v}`,
  (v) => `posting to https://hooks.slack.com/services/T000/B000/${v}`,
  (v) => `DefaultEndpointsProtocol=https;AccountName=a;AccountKey=${v}==;EndpointSuffix=core`,
  (v) => `{"user":"a","pw":"${v}"}`,
  (v) => `{"password":"${v} with words"}`,
  (v) => String.raw`msg="{\"password\":\"${v}\"}"`,
  (v) => `LS0tLS1CRUdJTiBQUklWQVRFIEtFWS0tLS0t${v}`,
  (v) => `--password ${v}`,
  (v) => `--db-pass=${v}`,
  (v) => `--token=${v}`,
  (v) => `curl -u a:${v} https://example`,
  (v) => `Cookie: session=${v}; theme=dark`,
  (v) => `Set-Cookie: sid=${v}; Path=/`,
  (v) => `Authorization: Bearer ${v}AAAA`,
  (v) => `Authorization: ApiKey ${v}`,
  (v) => `x-api-key: ${v}`,
  (v) => `api_key='${v}'`,
  (v) => `client_secret=${v}&grant_type=x`,
  (v) => `xoxb-${v}-123456`,
  (v) => `eyJhbGciOiJSUzI1NiIsIm${v}.eyJpc3MiOiJrdWJl${v}.c2ln${v}`,
  (v) => `glpat-${v}`,
  (v) => `github_pat_${v}`,
  (v) => `AIza${v}AAAAAAAA`,
  (v) => `SMTP_PASSWORD: "${v}"`,
  (v) => `credentials=${v}`,
  (v) => `kubectl.kubernetes.io/last-applied-configuration: {"env":[{"name":"A_TOKEN","token":"${v}"}]}`,
  (v) => `https://discord.com/api/webhooks/1/${v}`,
  (v) => `SIGNING_KEY=${v}`,
];

export interface PlantedSecret {
  readonly text: string;
  /** Must be nowhere. */
  readonly value: string;
}

/** Each once. */
export const plantedSecrets: readonly PlantedSecret[] = forms.map((form, n) => {
  const text = form(secret(n), n);
  return { text, value: text.includes(secret(n)) ? secret(n) : letters(n) };
});

/** Those of them that a text holds. */
export function secretsIn(text: string): readonly PlantedSecret[] {
  return plantedSecrets.filter(({ value }) => text.includes(value));
}
