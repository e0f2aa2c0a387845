import { parseArguments, parseHead } from '../language/parse.ts';
import type { Span } from '../language/span.ts';
import { resolveHead } from './resolve.ts';
import type { Registry } from './tree.ts';

/** Keys whose values are secret wherever they stand, for lines that do not resolve to a command. */
const alwaysSecret =
  /\b(secret|password|passphrase|token|code|recovery_code)\b\s*=\s*("[^"]*"?|'[^']*'?|\S+)/gi;

/** A secret in a URI, wherever it was pasted. */
const secretInUri = /(otpauth:\/\/\S*?secret=)[A-Za-z2-7=]+/gi;

/** The line with every secret value as ***: what history, audit log and errors may hold. */
export function redactLine(text: string, location: readonly string[], registry: Registry): string {
  const target = resolveHead(text, parseHead(text), location, registry);
  let redacted = text;
  if (target.kind === 'command' && !(target.spec.effect === 'read' && target.spec.query)) {
    redacted = maskSpans(text, findSecrets(text, target.end, target.spec.params));
  }
  return redacted.replace(alwaysSecret, (_, key: string) => `${key}=***`).replace(secretInUri, '$1***');
}

function findSecrets(
  text: string,
  end: number,
  params: Readonly<Record<string, { readonly secret?: true; readonly positional?: true }>>,
): readonly Span[] {
  const args = parseArguments(text, end);
  const named = args.named
    .filter(({ key }) => params[key.split('.')[0] ?? key]?.secret)
    .flatMap(({ value }) => (value ? [value.span] : []));
  const given = new Set(args.named.map(({ key }) => key));
  const open = Object.entries(params).filter(([name, param]) => param.positional && !given.has(name));
  const positional = args.positionals.flatMap((value, index) =>
    open[index]?.[1].secret ? [value.span] : [],
  );
  return [...named, ...positional].filter(({ start, end: stop }) => text.slice(start, stop) !== '-');
}

function maskSpans(text: string, spans: readonly Span[]): string {
  let masked = text;
  for (const { start, end } of [...spans].sort((a, b) => b.start - a.start)) {
    masked = `${masked.slice(0, start)}***${masked.slice(end)}`;
  }
  return masked;
}
