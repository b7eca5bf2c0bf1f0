/**
 * Takes secrets out of text that is stored or shown, never out of text that is parsed. Time grows with the length of
 * the text alone: a pattern begins with a literal, every part of it that can fail is bounded, and what is unbounded
 * stands at its end and always matches. The text keeps its structure: no match crosses an unescaped quote. Words need
 * no boundary before them: in JSON, `\\n` may stand there.
 */
import { redactKeyBlocks } from './redact-key-blocks.ts';

/** Stands where a secret was. */
const redacted = '[redacted]';

/** Words in the name of a secret. */
const secretWord = [
  String.raw`passw(?:or)?d|passphrase|pass(?![a-z])(?<![a-z]pass)|pwd|pw(?![a-z])(?<![a-z]pw)`,
  String.raw`secret|token|credentials?|passcode|psk(?![a-z])(?<![a-z]psk)|client-key-data|connectionstring`,
  String.raw`(?:api|access|account|auth|encryption|licen[cs]e|master|preshared|private|shared|signing)[-_]?key`,
].join('|');
/** A path ends with no secret. Lookbehinds stand after the words: in front they would cost more than the words. */
const secretName = String.raw`(?:${secretWord})(?<!/(?:${secretWord}))`;
/** `--db-password VALUE`. */
const option = String.raw`(?<=--[\w-]{1,96}[ \t]{1,8})(?!-)`;
/**
 * The rest of that name, and `=` or `:` behind it. `==` compares: it belongs to a selector. A name with `_FILE` at its
 * end has a path behind it, and a person has to read which.
 */
const assignment = [
  secretName,
  String.raw`[\w.-]{0,32}(?<!_FILE)(\\{0,4}["'])?[ \t]{0,8}(?:=(?!=)|:(?![:=])|${option})[ \t]{0,8}`,
].join('');
/** Up to the closing quote. A quote with a space, a comma or a bracket behind it is a closing one itself. */
const quotedValue = String.raw`\\{0,4}"(?=[^\s"',;:})\]\\])(?:[^"\\\n]|\\[^"\n])*|'(?=[^\s"',;:})\]\\])[^'\n]*`;
const bareValue = String.raw`[^\s"',;}\\[{(=][^\s"',;}\\]*`;
/** What a setting is told to be is no value of it. */
const sentence = String.raw`(?!must (?:be|hold|have) )`;
/** What stands between a header's name and its value: a quote with nothing of a value behind it is a closing one. */
const isValue = String.raw`(?:\\{0,4}["'])?[ \t]{0,8}[:=][ \t]{0,8}(?:\\{0,4}["'](?=[^\s"',;:})\]\\]))?`;
const restOfLine = String.raw`[^\s"'\\][^"'\n\\]*`;
const secretPrefix = [
  'xox[a-z]-',
  'xapp-',
  'gh[opsur]_',
  'github_pat_',
  'glpat-',
  '[rs]k_(?:live|test)_',
  'AIza',
  String.raw`\bSG\.`,
  String.raw`\bhvs\.`,
  String.raw`\bnpm_`,
  'dop_v1_',
  'shpat_',
  String.raw`ya29\.`,
  'AGE-SECRET-KEY-',
  'sk-(?:ant|proj|svcacct|admin)-',
  'gl(?:rt|dt|ptt|oas)-',
  String.raw`\bhv[br]\.`,
  'pypi-',
  'ATATT',
  'PMAK-',
].join('|');

/** What signs an address, by its name in the query. */
const signing = String.raw`(?:[a-z]{1,8}-[a-z]{1,8}-|[a-z]{1,16}_)?(?:sig|signature|sas|hmac|key|auth|jwt|otp)`;

type Replacement = string | typeof redactAssigned;

/**
 * Secrets by their own shape, and values after a name or an option that says so. Matches keep what stands before the
 * secret.
 */
const patterns: readonly (readonly [RegExp, Replacement])[] = [
  [/LS0tLS1CRUdJTi[A-Za-z0-9+/=]*/g, redacted],
  [/eyJ[\w-]{16,}(?:\.[\w-]+)*/g, redacted],
  [new RegExp(String.raw`(${secretPrefix})[\w-]{8,}`, 'g'), redacted],
  [/A(?:KI|SI)A[A-Z0-9]{16}/g, redacted],
  [
    /((?:hooks\.slack\.com\/|discord(?:app)?\.com\/api\/webhooks\/|webhook\.office\.com\/))[\w/.@-]+/gi,
    `$1${redacted}`,
  ],
  [/(bearer|\bbasic)([ \t]{1,8})(?=[\w+/=.~-]{8})[\w+/=.~-]+/gi, `$1$2${redacted}`],
  [/(?<![\w-])(-u|--user)([ =][^\s:"']{1,128}:)[^\s"'\\]+/g, `$1$2${redacted}`],
  [new RegExp(String.raw`(${assignment})(${quotedValue}|${sentence}${bareValue})`, 'gi'), redactAssigned],
  // What signs an address is as good as a password while it holds.
  [new RegExp(String.raw`([?&]${signing}=)(?!\[)[^\s"'\\&#]+`, 'gi'), `$1${redacted}`],
  [/(SharedAccessSignature[= ])(?!\[)[^\s"'\\]+/gi, `$1${redacted}`],
  [/(:\/\/)(?=[^\s/@\d]{0,64}\d)[\w.~%+=-]{16,512}(?=@)/g, `$1${redacted}`],
  // The login of a registry, as docker keeps it.
  [/("auth\\{0,4}"[ \t]{0,8}:[ \t]{0,8}\\{0,4}")[\w+/=-]{8,}/gi, `$1${redacted}`],
  [/(api\.telegram\.org\/bot)[\w:-]+/gi, `$1${redacted}`],
  // Last: they reach to the end of the line, and would take a name away from its value.
  [new RegExp(String.raw`(cookie${isValue})(?!\[redacted\])${restOfLine}`, 'gi'), `$1${redacted}`],
  [
    new RegExp(String.raw`(authorization${isValue})(?!\[redacted\]|bearer\b|basic\b)${restOfLine}`, 'gi'),
    `$1${redacted}`,
  ],
];

/** Text without passwords, tokens and private keys. Redacting it again changes nothing. */
export function redactText(text: string): string {
  return redactUserInfo(
    patterns.reduce(
      (clean, [pattern, replacement]) => clean.replaceAll(pattern, replacement as string),
      redactKeyBlocks(text),
    ),
  );
}

/** JSON stays JSON: its words are no secrets, and a number behind a quoted name stays a number. */
function redactAssigned(match: string, before: string, quote: string | undefined, value: string): string {
  if (/^(?:true|false|null|nil|none)$/i.test(value)) return match;
  const [opening = ''] = /^\\{0,4}["']/.exec(value) ?? [];
  if (opening === '' && quote !== undefined && /^\d{1,20}$/.test(value)) return `${before}0`;
  return `${before}${opening}${redacted}`;
}

const endsWord = /[\s"'<>(){}|,;/\\]/;

/** `scheme://name:password@host`, `name:password@tcp(host)`. What stands before an image's digest is no password. */
function redactUserInfo(text: string): string {
  const parts: string[] = [];
  let taken = 0;
  let end = 0;
  for (let at = text.indexOf('@'); at >= 0; at = text.indexOf('@', end)) {
    let start = at;
    while (start > end && !endsWord.test(text[start - 1] ?? '')) start -= 1;
    end = at + 1;
    while (end < text.length && !endsWord.test(text[end] ?? '')) end += 1;
    const colon = text.slice(start, at).indexOf(':') + start;
    const last = text.lastIndexOf('@', end);
    if (colon < start || text.startsWith('sha256:', at + 1) || last === colon + 1) continue;
    parts.push(text.slice(taken, colon + 1), redacted);
    taken = last;
  }
  return taken === 0 ? text : `${parts.join('')}${text.slice(taken)}`;
}

type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

/**
 * Fields whose words identify: names, labels and what selects by them, what was asked for, and what a fix is told.
 * Whose label looks like a password would otherwise be judged by another one.
 */
const identifying = new Set([
  'input',
  'labels',
  'matchExpressions',
  'matchLabels',
  'name',
  'namespace',
  'params',
  'subject',
  'target',
  'uid',
]);
const secretField = /^(?:passw(?:or)?d|pw|secret|token|client-key-data)$/i;
const secretVariable = new RegExp(secretWord, 'i');

/**
 * A value of JSON without secrets in its texts. Words that identify stay as they are.
 * @param value a Kubernetes object, an answer, an event of a run
 */
export function redactJson<T>(value: T): T {
  return redactValue(value as Json) as T;
}

function redactValue(value: Json): Json {
  if (typeof value === 'string') return redactText(value);
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map(redactValue);
  const { kind, name } = value as { readonly [key: string]: Json };
  const isVariable = typeof name === 'string' && secretVariable.test(name);
  return Object.fromEntries(
    Object.entries(value).map(([key, one]) => {
      if (identifying.has(key)) return [key, one];
      if (kind === 'Secret' && (key === 'data' || key === 'stringData')) return [key, redactMap(one)];
      if (typeof one === 'string' && (secretField.test(key) || (isVariable && key === 'value'))) return [key, redacted];
      return [key, redactValue(one)];
    }),
  );
}

function redactMap(map: Json): Json {
  if (typeof map !== 'object' || map === null || Array.isArray(map)) return redacted;
  return Object.fromEntries(Object.keys(map).map((key) => [key, redacted]));
}
