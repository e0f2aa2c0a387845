import { quoteWord } from '../../language/quote.ts';
import { padCells } from '../../output/width.ts';

/** One thing the menu does: a command line, for an account that is chosen first where it needs one, or a shell. */
export type MenuItem = {
  readonly label: string;
  /** For a screen that is low and narrow. */
  readonly short: string;
} & (
  | { readonly does: 'run'; readonly line: string }
  /** Asks for codes; an account is enrolled first where nobody could sign in with one. */
  | { readonly does: 'turn_on' }
  /** `showsSecrets`: its answer is not left on the screen. */
  | {
      readonly does: 'run_for_account';
      readonly line: (username: string) => string;
      readonly showsSecrets?: true;
    }
  | { readonly does: 'open_shell' }
);

const forAccount = (command: string) => (username: string) =>
  `account user ${command} username=${quoteWord(username)}`;

/** A new secret, with its QR code. */
export const enrolItem = {
  label: 'New secret for an account (QR)',
  short: 'New secret (QR)',
  does: 'run_for_account',
  line: forAccount('renew_2fa_secret'),
} as const satisfies MenuItem;

/** The items in the order of their numbers, which start at 1. */
export const menuItems: readonly MenuItem[] = [
  { label: 'Two-factor status', short: 'Status', does: 'run', line: 'auth two_factor status' },
  {
    label: 'Turn two-factor authentication off',
    short: 'Codes off',
    does: 'run',
    line: 'auth two_factor update enabled=false',
  },
  { label: 'Turn two-factor authentication on', short: 'Codes on', does: 'turn_on' },
  enrolItem,
  {
    label: 'New recovery codes for an account',
    short: 'Recovery codes',
    does: 'run_for_account',
    line: forAccount('renew_recovery_codes'),
    showsSecrets: true,
  },
  { label: 'Check the clock', short: 'Clock', does: 'run', line: 'system clock' },
  { label: 'Unlock an account', short: 'Unlock', does: 'run_for_account', line: forAccount('unlock') },
  {
    label: "Change an administrator's password",
    short: 'Password',
    does: 'run_for_account',
    line: forAccount('set_password'),
  },
  { label: 'Open the Postern shell', short: 'Postern shell', does: 'open_shell' },
  { label: 'Open a Linux shell', short: 'Linux shell', does: 'run', line: 'system shell' },
  { label: 'Reboot', short: 'Reboot', does: 'run', line: 'system reboot' },
  { label: 'Shut down', short: 'Shut down', does: 'run', line: 'system shutdown' },
];

const leftCount = 5;
const leftColumns = 41;
const twoColumns = 79;
/** From here on one column leaves room for what is above it. */
const enoughRows = 18;

/** Whether every row is needed. */
export function isLow(rows: number): boolean {
  return rows < enoughRows;
}

/** The numbered items: in two columns where they fit, else in one, and on a low screen in two of short words. */
export function layOutMenu(columns: number, rows: number): readonly string[] {
  if (columns < twoColumns && isLow(rows)) {
    const half = menuItems.length / 2;
    const entry = (index: number) => `${String(index + 1).padStart(2)}) ${menuItems[index]?.short}`;
    return Array.from({ length: half }, (_, row) => `${padCells(entry(row), 21)}${entry(row + half)}`);
  }
  const entries = menuItems.map(({ label }, index) => `${String(index + 1).padStart(2)}) ${label}`);
  const last = entries.slice(-2).join('   ');
  const single = [...entries.slice(0, -2), last];
  if (columns < twoColumns) return single;
  return single
    .slice(leftCount)
    .map(
      (right, row) =>
        `${padCells(single[row < leftCount ? row : single.length] ?? '', leftColumns)} ${right}`,
    );
}
