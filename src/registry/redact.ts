import type { Arguments } from '../language/ast.ts';
import { parseHead } from '../language/head.ts';
import { parseArguments } from '../language/parse.ts';
import { quoteWord } from '../language/quote.ts';
import type { Span } from '../language/span.ts';
import { measureDistance } from '../language/suggest.ts';
import { unwrapLine } from '../language/wrapping.ts';
import type { Json } from '../output/view.ts';
import type { CompiledCommand } from './compiled.ts';
import { listKeys, showValue } from './describe.ts';
import { valueAt } from './dotted.ts';
import { listParts, looksSecret, type Part } from './redact-parts.ts';
import { resolveHead } from './resolve.ts';
import type { CommandSpec } from './spec.ts';
import { takeArguments } from './take-arguments.ts';
import type { Registry } from './tree.ts';

/** Keys whose values are secret wherever they stand, for lines that do not resolve to a command. */
const alwaysSecret = /\b((?:secret|password|passphrase|token|recovery_code)=)("[^"]*"?|'[^']*'?|[^\s"']+)/gi;

/** A secret in a URI, wherever it was pasted. */
const secretInUri = /(otpauth:\/\/\S*?secret=)([A-Za-z2-7=]+)/gi;

/** Signs that stand for themselves: none of them is anybody's secret. */
const plainSigns = /^(?:-|--|\?|=|:|>|edit)$/;

export type Redaction = {
  /** A star for each character, so that spans into the line stay right. */
  readonly keepLength?: boolean;
  /** What takes the place of a secret. Default `***`. */
  readonly mask?: string;
};

/**
 * The line with every secret as `***`: what history, audit log and errors may hold. In a command that takes a secret that
 * is every word that is not understood, and everywhere what follows a word such as password, mistyped or not.
 */
export function redactLine(
  text: string,
  location: readonly string[],
  registry: Registry,
  { keepLength = false, mask: word = '***' }: Redaction = {},
): string {
  return hideSecrets(text, findSecrets(unwrapLine(text), location, registry), keepLength, word);
}

/**
 * The line of a command for the audit log, from what compiling it read. Where its parameters were asked for, it is the
 * line that would have given `input` without asking.
 */
export function redactCommand(compiled: CompiledCommand, input: Readonly<Record<string, Json>>): string {
  const { spec, path, text, binding, edit, args, end } = compiled;
  if (edit === undefined && binding.missing.length === 0)
    return hideSecrets(text, findArgumentSecrets(text, end, spec, args)).trim();
  const pairs = listKeys(spec.params).flatMap(({ key, kind, param }) => {
    const value = valueAt(input, key);
    const isPlain = value === undefined || value === null || value === param.default;
    return isPlain ? [] : [`${key}=${param.secret ? '***' : quoteWord(showValue(kind, value))}`];
  });
  return hideSecrets([...path, ...pairs].join(' '), []);
}

function hideSecrets(text: string, spans: readonly Span[], keepLength = false, word = '***'): string {
  const mask = (secret: string) => (keepLength ? '*'.repeat(secret.length) : word);
  return maskSpans(text, spans, mask)
    .replace(alwaysSecret, (whole, key: string, value: string) =>
      value === '-' || value === word ? whole : `${key}${mask(value)}`,
    )
    .replace(secretInUri, (_, before: string, secret: string) => `${before}${mask(secret)}`);
}

/** The secrets of a line that `redacted` (of the same length) hides: no message may repeat them. */
export function listHidden(text: string, redacted: string): readonly string[] {
  const found = [...redacted.matchAll(/\*+/g)].map(({ 0: stars, index }) =>
    text.slice(index, index + stars.length),
  );
  return found.filter((secret) => /[^*]/.test(secret)).sort((a, b) => b.length - a.length);
}

function findSecrets(line: string, location: readonly string[], registry: Registry): readonly Span[] {
  const target = resolveHead(parseHead(line), location, registry);
  if (target.kind === 'command') {
    const { spec, end } = target;
    return findArgumentSecrets(line, end, spec, takeArguments(parseArguments(line, end), spec, line));
  }
  // The path may be that of a command that takes a secret: its words, known or not, say so.
  const before = target.kind === 'unknown' ? (target.before.at(-1)?.span.end ?? 0) : target.end;
  return hide(listRest(line, before, []), line, false);
}

function findArgumentSecrets(line: string, end: number, spec: CommandSpec, args: Arguments): readonly Span[] {
  if (spec.query) return [];
  const { parts, takesSecrets } = listParts(line, spec, args);
  return hide([...parts, ...listRest(line, end, parts)], line, takesSecrets);
}

/** The parts to hide: all that are not understood, from the start or from behind a word that announces a secret. */
function hide(parts: readonly Part[], line: string, fromStart: boolean): readonly Span[] {
  let isAnnounced = fromStart;
  const hidden: Span[] = [];
  for (const { span, shown, secret } of [...parts].sort((a, b) => a.span.start - b.span.start)) {
    const word = line.slice(span.start, span.end);
    if (plainSigns.test(word) || (shown && !secret)) continue;
    const value = /^[^=:]+[=:](?=[^\s])/.exec(word)?.[0].length ?? 0;
    if (secret || isAnnounced || looksSecret(word)) hidden.push(span);
    else if (announces(word)) {
      isAnnounced = true;
      if (value > 0) hidden.push({ start: span.start + value, end: span.end });
    }
  }
  return hidden.filter(({ start, end }) => line.slice(start, end) !== '-');
}

/** The words of the line that no part covers. */
function listRest(line: string, from: number, parts: readonly Part[]): readonly Part[] {
  let open = '';
  let at = from;
  for (const { span } of [...parts].sort((a, b) => a.span.start - b.span.start)) {
    if (span.end <= at) continue;
    open += line.slice(at, span.start) + ' '.repeat(span.end - Math.max(at, span.start));
    at = span.end;
  }
  open += line.slice(at);
  return [...open.matchAll(/\S+/g)].map(({ 0: word, index }) => ({
    span: { start: from + index, end: from + index + word.length },
    shown: false,
    secret: false,
  }));
}

/** Whether a secret is likely to follow the word: `password`, `--secret`, `set_pasword`, `Token:`. */
function announces(word: string): boolean {
  const parts = word
    .toLowerCase()
    .slice(0, 64)
    .split(/[^a-z]+/);
  const near = (part: string, each: string) => measureDistance(part, each) <= (each.length > 5 ? 2 : 1);
  return parts.some(
    (part) =>
      /^(?:pass|pwd|pw|otp|pin|code|passcode)$/.test(part) ||
      (part.length > 3 &&
        ['password', 'passwd', 'passphrase', 'secret', 'token'].some((each) => near(part, each))),
  );
}

function maskSpans(text: string, spans: readonly Span[], mask: (secret: string) => string): string {
  let masked = '';
  let at = 0;
  for (const { start, end } of [...spans].sort((a, b) => a.start - b.start)) {
    if (start < at) continue;
    masked += text.slice(at, start) + mask(text.slice(start, end));
    at = end;
  }
  return masked + text.slice(at);
}
