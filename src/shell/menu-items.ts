import { quoteWord } from '../language/quote.ts';
import { padCells } from '../output/width.ts';

/** One thing the menu does: a command line, for an account that is chosen first where it needs one, or a shell. */
export type MenuItem = { readonly label: string } & (
  | { readonly does: 'run'; readonly line: string }
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

/** The items in the order of their numbers, which start at 1. */
export const menuItems: readonly MenuItem[] = [
  { label: 'Two-factor status', does: 'run', line: 'auth two_factor status' },
  { label: 'Turn two-factor authentication off', does: 'run', line: 'auth two_factor update enabled=false' },
  { label: 'Turn two-factor authentication on', does: 'run', line: 'auth two_factor update enabled=true' },
  { label: 'New secret for an account (QR)', does: 'run_for_account', line: forAccount('renew_2fa_secret') },
  {
    label: 'New recovery codes for an account',
    does: 'run_for_account',
    line: forAccount('renew_recovery_codes'),
    showsSecrets: true,
  },
  { label: 'Check the clock', does: 'run', line: 'system clock' },
  { label: 'Unlock an account', does: 'run_for_account', line: forAccount('unlock') },
  { label: "Change an administrator's password", does: 'run_for_account', line: forAccount('set_password') },
  { label: 'Open the Postern shell', does: 'open_shell' },
  { label: 'Open a Linux shell', does: 'run', line: 'system shell' },
  { label: 'Reboot', does: 'run', line: 'system reboot' },
  { label: 'Shut down', does: 'run', line: 'system shutdown' },
];

const leftCount = 5;
const leftColumns = 41;
const twoColumns = 79;

/** The numbered items: in two columns where they fit, else in one. */
export function layOutMenu(columns: number): readonly string[] {
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
