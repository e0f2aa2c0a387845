import { joinCriteria } from './asked.ts';
import { type RootLogin, type SshdBase, type SshWishes, takesPasswords } from './values.ts';

/** A Match block of sshd's own configuration: what it sets of these values for whom it concerns. */
export type SshdMatch = { readonly criteria: string; readonly values: Partial<SshdBase> };

/** What counts for those whom a Match block concerns; null: it does not say, and the next one may. */
export type SshException = {
  readonly criteria: string;
  readonly byPassword: boolean | null;
  readonly rootByPassword: boolean;
  readonly permitRootLogin: RootLogin | null;
};

/** More blocks than this are not told apart where they overlap: each one more doubles what is written. */
export const overlapLimit = 4;

/**
 * Every set of blocks that may concern someone at once, larger ones first, as one block: what counts is the first value
 * for each keyword, as in sshd_config(5).
 */
function listOverlaps(matches: readonly SshdMatch[]): readonly SshdMatch[] {
  const sets = matches.reduce<readonly (readonly SshdMatch[])[]>(
    (all, match) => all.concat(all.map((set) => set.concat(match))),
    [[]],
  );
  return sets
    .filter((set) => set.length > 0)
    .sort((a, b) => b.length - a.length)
    .map((set) => ({
      criteria: joinCriteria(set.map(({ criteria }) => criteria)),
      values: Object.assign({}, ...set.map(({ values }) => values).reverse()) as SshdMatch['values'],
    }));
}

/** What each Match block means beside codes, in the order in which they are to stand: the first that concerns someone counts. */
export function decideExceptions(
  matches: readonly SshdMatch[],
  base: SshdBase,
  wishes: SshWishes,
): readonly SshException[] {
  return matches.length <= overlapLimit
    ? listOverlaps(matches).map((match) => decideException(match, [], base, wishes))
    : matches.map((match, index) => decideException(match, matches.slice(index + 1), base, wishes));
}

/**
 * What a block leaves open is said by one of the `later` blocks or by the base, whichever concerns someone: the narrowest
 * of them is right for all.
 */
function decideException(
  { criteria, values }: SshdMatch,
  later: readonly SshdMatch[],
  base: SshdBase,
  wishes: SshWishes,
): SshException {
  const narrowest = [base, ...later.map((match) => match.values)].reduce<SshdBase>(narrow, base);
  const counting: SshdBase = { ...narrowest, ...values };
  const byPassword = wishes.passwordauth !== false && takesPasswords(counting);
  const saysPassword =
    values.passwordAuthentication !== undefined ||
    values.kbdInteractiveAuthentication !== undefined ||
    values.methods !== undefined;
  return {
    criteria,
    byPassword: saysPassword ? byPassword : null,
    rootByPassword: byPassword && counting.permitRootLogin === 'yes' && wishes.rootlogin !== false,
    permitRootLogin: values.permitRootLogin ?? null,
  };
}

function narrow(a: SshdBase, b: Partial<SshdBase>): SshdBase {
  return {
    permitRootLogin:
      rootLogins.find((value) => value === a.permitRootLogin || value === b.permitRootLogin) ?? 'no',
    passwordAuthentication: a.passwordAuthentication && b.passwordAuthentication !== false,
    kbdInteractiveAuthentication: a.kbdInteractiveAuthentication && b.kbdInteractiveAuthentication !== false,
    methods: {
      password: a.methods.password && b.methods?.password !== false,
      kbdInteractive: a.methods.kbdInteractive && b.methods?.kbdInteractive !== false,
    },
  };
}

/** PermitRootLogin's values, the narrowest first. */
const rootLogins: readonly RootLogin[] = ['no', 'forced-commands-only', 'prohibit-password', 'yes'];
