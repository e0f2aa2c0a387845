import type { Files } from '../../ports/machine.ts';
import { joinCriteria } from './asked.ts';
import type { SshdMatch } from './match.ts';
import { sshdDropInPath } from './paths.ts';
import { readSufficientMethods, type SshdBase } from './values.ts';

const configDirectory = '/etc/ssh';
const mainConfig = `${configDirectory}/sshd_config`;

/** A line of sshd's configuration, Postern's own file left out, that has a say in who signs in how. */
export type SshdLine = {
  /** FILE:LINE, or the option that says it. */
  readonly at: string;
  /** Lower case, today's name. */
  readonly keyword: string;
  readonly value: string;
  /** Number of the Match block it is in; null: in none. */
  readonly match: number | null;
  /** Whether sshd reads it before Postern's file. */
  readonly ahead: boolean;
};

/** What sshd's configuration consists of, in the order in which sshd reads it. */
export type SshdScan = {
  /** Files, and the folders where another could be added. */
  readonly paths: readonly string[];
  /** Criteria of each Match block, with those of the blocks around its Include. */
  readonly matches: readonly string[];
  readonly lines: readonly SshdLine[];
  /** Characters of all that was read. */
  readonly size: number;
  /** Whether sshd reads Postern's file, if there is one, for everyone. */
  readonly includesDropIn: boolean;
};

const keywords: Readonly<Record<string, string>> = {
  authenticationmethods: 'authenticationmethods',
  challengeresponseauthentication: 'kbdinteractiveauthentication',
  kbdinteractiveauthentication: 'kbdinteractiveauthentication',
  pamservicename: 'pamservicename',
  passwordauthentication: 'passwordauthentication',
  permitrootlogin: 'permitrootlogin',
  pubkeyauthentication: 'pubkeyauthentication',
  pubkeyauthoptions: 'pubkeyauthoptions',
  skeyauthentication: 'kbdinteractiveauthentication',
  usepam: 'usepam',
};

/**
 * Reads every file that sshd reads. `options`: what is in its command line, a line of sshd_config each; `main`: the
 * file that it begins with.
 */
export function scanSshdConfig(
  files: Files,
  options: readonly string[] = [],
  main: string = mainConfig,
): SshdScan {
  const paths = new Set<string>();
  const matches: string[] = [];
  const lines: SshdLine[] = [];
  let includesDropIn = false as boolean;
  let size = 0;

  const addLine = (at: string, { keyword, value }: Statement, match: number | null) => {
    const name = keywords[keyword];
    if (name === undefined) return;
    const words = splitWords(value).join(' ').toLowerCase();
    lines.push({ at, keyword: name, value: words, match, ahead: !includesDropIn });
  };
  const scanFile = (path: string, outer: number | null, around: readonly string[]): void => {
    // sshd refuses a file that includes itself.
    if (around.includes(path)) return;
    if (path === sshdDropInPath) {
      if (outer === null) includesDropIn = true;
      return;
    }
    paths.add(path);
    let match = outer;
    const content = readOrNothing(path, files);
    size += content.length;
    for (const [index, text] of content.split('\n').entries()) {
      const statement = readStatement(text);
      if (statement.keyword === 'match') {
        match =
          matches.push(joinCriteria([outer === null ? 'all' : (matches[outer] ?? 'all'), statement.value])) -
          1;
      } else if (statement.keyword === 'include') {
        for (const pattern of splitWords(statement.value)) {
          const absolute = pattern.startsWith('/') ? pattern : `${configDirectory}/${pattern}`;
          paths.add(absolute.slice(0, absolute.lastIndexOf('/')) || '/');
          for (const found of expandGlob(absolute, files)) scanFile(found, match, [...around, path]);
        }
      } else {
        addLine(`${path}:${index + 1}`, statement, match);
      }
    }
  };
  for (const option of options) addLine('the option -o of the running sshd', readStatement(option), null);
  scanFile(main, null, []);
  return { paths: [...paths], matches, lines, size, includesDropIn };
}

/** The Match blocks that have a say in who signs in how. */
export function readMatches({ matches, lines }: SshdScan): readonly SshdMatch[] {
  return matches.flatMap((criteria, index) => {
    const own = lines.filter(({ match }) => match === index);
    const say = (keyword: string) => own.find((line) => line.keyword === keyword)?.value;
    const values = readValues(say);
    return Object.keys(values).length === 0 ? [] : [{ criteria, values }];
  });
}

/** The values of `say` (by lower-case keyword), those left out that it does not know. */
export function readValues(say: (keyword: string) => string | undefined): Partial<SshdBase> {
  const root = say('permitrootlogin');
  const password = say('passwordauthentication');
  const kbdInteractive = say('kbdinteractiveauthentication');
  const methods = say('authenticationmethods');
  return {
    ...(root === undefined
      ? {}
      : {
          permitRootLogin:
            root === 'yes' || root === 'no' || root === 'forced-commands-only' ? root : 'prohibit-password',
        }),
    ...(password === undefined ? {} : { passwordAuthentication: password === 'yes' }),
    ...(kbdInteractive === undefined ? {} : { kbdInteractiveAuthentication: kbdInteractive === 'yes' }),
    ...(methods === undefined
      ? {}
      : { methods: readSufficientMethods(methods) ?? { password: false, kbdInteractive: false } }),
  };
}

type Statement = { readonly keyword: string; readonly value: string };

function readStatement(line: string): Statement {
  const [, word = '', rest = ''] = /^\s*"?(\w+)"?(?:\s*=\s*|\s+|(?="))(.*)$/s.exec(line) ?? [];
  return { keyword: word.toLowerCase(), value: cutComment(rest) };
}

function readOrNothing(path: string, files: Files): string {
  try {
    return files.read(path) ?? '';
  } catch {
    return '';
  }
}

/** A `#` begins a comment where a word could begin. */
function cutComment(text: string): string {
  return (
    /^(?:"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*'|\\.|[^\s"'#\\][^\s"'\\]*|\s+)*/.exec(text)?.[0] ?? ''
  ).trim();
}

function splitWords(text: string): string[] {
  return (text.match(/(?:"[^"]*"|'[^']*'|[^\s"'])+/g) ?? []).map((word) => word.replaceAll(/["']/g, ''));
}

/** The paths that glob(7) finds, sorted; Postern's file too, which need not be there yet. */
function expandGlob(pattern: string, files: Files): readonly string[] {
  const isWild = (segment: string) => /[*?[]/.test(segment);
  const step = (found: readonly string[], segment: string): readonly string[] =>
    isWild(segment)
      ? found.flatMap((directory) =>
          listNames(directory, files)
            .filter((name) => globExpression(segment).test(name))
            .map((name) => `${directory}/${name}`),
        )
      : found.map((directory) => `${directory}/${segment}`);
  return pattern.split('/').slice(1).reduce(step, ['']);
}

function listNames(directory: string, files: Files): readonly string[] {
  const [, parent, name = ''] = /^(.*)\/([^/]*)$/.exec(sshdDropInPath) ?? [];
  try {
    const names = files.list(directory === '' ? '/' : directory);
    return directory === parent ? [...new Set([...names, name])].sort() : names;
  } catch {
    return directory === parent ? [name] : [];
  }
}

function globExpression(segment: string): RegExp {
  const source = segment.replaceAll(/\[!?[^\]]+\]|[\s\S]/g, (part) => {
    if (part === '*') return '.*';
    if (part === '?') return '.';
    if (part.length > 1) return part.replace(/^\[!/, '[^');
    return part.replace(/[.+^${}()|\\/[\]]/, '\\$&');
  });
  try {
    return new RegExp(segment.startsWith('.') ? `^${source}$` : `^(?!\\.)${source}$`);
  } catch {
    // A range such as [z-a], which matches nothing.
    return /(?!)/;
  }
}
