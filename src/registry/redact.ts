import { parseArguments, parseHead } from '../language/parse.ts';
import type { Span } from '../language/span.ts';
import { resolveHead } from './resolve.ts';
import type { Params } from './spec.ts';
import type { Registry } from './tree.ts';

/** Keys whose values are secret wherever they stand, for lines that do not resolve to a command. */
const alwaysSecret = /\b((?:secret|password|passphrase|token|recovery_code)=)("[^"]*"?|'[^']*'?|[^\s"']+)/gi;

/** A secret in a URI, wherever it was pasted. */
const secretInUri = /(otpauth:\/\/\S*?secret=)([A-Za-z2-7=]+)/gi;

/**
 * The line with every secret value as `***`: what history, audit log and errors may hold. With `keepLength` a star
 * stands for each character, so that spans into the line stay right.
 */
export function redactLine(
  text: string,
  location: readonly string[],
  registry: Registry,
  { keepLength = false }: { readonly keepLength?: boolean } = {},
): string {
  const mask = (secret: string) => (keepLength ? '*'.repeat(secret.length) : '***');
  const target = resolveHead(text, parseHead(text), location, registry);
  let redacted = text;
  if (target.kind === 'command' && !(target.spec.effect === 'read' && target.spec.query)) {
    redacted = maskSpans(text, findSecrets(text, target.end, target.spec.params), mask);
  }
  return redacted
    .replace(alwaysSecret, (_, key: string, value: string) => `${key}${value === '-' ? value : mask(value)}`)
    .replace(secretInUri, (_, before: string, secret: string) => `${before}${mask(secret)}`);
}

function findSecrets(text: string, end: number, params: Params): readonly Span[] {
  const args = parseArguments(text, end);
  const takesSecrets = Object.values(params).some(({ secret }) => secret);
  const named = args.named
    // A mistyped key may be that of a secret.
    .filter(
      ({ key }) => params[key.split('.')[0] ?? key]?.secret ?? (takesSecrets && !Object.hasOwn(params, key)),
    )
    .flatMap(({ value }) => (value ? [value.span] : []));
  const given = new Set(args.named.map(({ key }) => key));
  const open = Object.entries(params).filter(([name, param]) => param.positional && !given.has(name));
  const positional = args.positionals.flatMap((value, index) =>
    open[index]?.[1].secret ? [value.span] : [],
  );
  return [...named, ...positional].filter(({ start, end: stop }) => text.slice(start, stop) !== '-');
}

function maskSpans(text: string, spans: readonly Span[], mask: (secret: string) => string): string {
  let masked = text;
  for (const { start, end } of [...spans].sort((a, b) => b.start - a.start)) {
    masked = `${masked.slice(0, start)}${mask(masked.slice(start, end))}${masked.slice(end)}`;
  }
  return masked;
}
