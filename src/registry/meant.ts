import type { Word } from '../language/ast.ts';

/**
 * What people type who know another system, and the line of ours that they mean. It is offered, never run. `NAME` stands
 * for the word that follows, an account; without one it stays, for nobody in particular is meant.
 */
const meant: readonly (readonly [words: RegExp, line: string])[] = [
  [/^(?:recover|rescue|unlock_all|let_me_in)$/, 'auth two_factor update enabled=false'],
  [
    /^(?:(?:turn|switch) )?(?:off|disable)(?: (?:2fa|mfa|totp|two_factor))?$/,
    'auth two_factor update enabled=false',
  ],
  [
    /^(?:turn |switch )?(?:2fa|mfa|totp|(?:auth )?two_factor) (?:off|disable|stop)$/,
    'auth two_factor update enabled=false',
  ],
  [
    /^(?:(?:turn|switch) )?(?:on|enable)(?: (?:2fa|mfa|totp|two_factor))?$/,
    'auth two_factor update enabled=true',
  ],
  [
    /^(?:turn |switch )?(?:2fa|mfa|totp|(?:auth )?two_factor) (?:on|enable|start)$/,
    'auth two_factor update enabled=true',
  ],
  [/^(?:(?:2fa|mfa|totp|two_factor|show) )?(?:status|state)$/, 'auth two_factor status'],
  [/^(?:show )?(?:2fa|mfa|totp)$/, 'auth two_factor status'],
  [/^(?:show |list )?(?:users|accounts|who)$/, 'account user query'],
  [/^(?:show )?(?:qr|qrcode|qr_code)( \S+)?$/, 'account user show_2fa_qr NAME'],
  [/^(?:passwd|password|set_password|chpasswd)( \S+)?$/, 'account user set_password NAME'],
  [/^(?:useradd|adduser)( \S+)?$/, 'account user create NAME'],
  [/^(?:bash|sh|zsh|root_shell|linux)$/, 'system shell'],
  [/^(?:date|time|ntp|chrony|timedatectl)$/, 'system clock'],
  [/^(?:log|logs|audit|journal)$/, 'system audit query order_by=-time limit=20'],
  [/^(?:poweroff|halt)$/, 'system shutdown'],
  [/^(?:restart|reset)$/, 'system reboot'],
  [/^(?:account user )?(?:lock|block)( \S+)?$/, 'account user update NAME locked=true'],
  [/^service restart (?:ssh|sshd)$/, 'service reload ssh'],
  [/^(?:bye|logout|q|:q)$/, 'exit'],
];

/** Words of other command lines, and those of ours for the same thing. */
const synonyms: readonly (readonly [words: readonly string[], ours: readonly string[]])[] = [
  [['list', 'find', 'search'], ['query']],
  [
    ['show', 'get', 'view', 'info'],
    ['get_instance', 'config', 'status'],
  ],
  [['add', 'new'], ['create']],
  [['set', 'edit', 'modify', 'change'], ['update']],
  [['remove', 'rm', 'del'], ['delete']],
];

/** Our words for a word that means the same. */
export function sameMeaning(word: string): readonly string[] {
  return synonyms.flatMap(([words, ours]) => (words.includes(word.toLowerCase()) ? ours : []));
}

/** The line of ours that these words mean elsewhere; undefined: none that is known. */
export function findMeant(words: readonly Word[]): string | undefined {
  const typed = words
    .map(({ text }) => text.toLowerCase())
    .join(' ')
    .replace(/twofactor|two-factor|two factor/, 'two_factor');
  for (const [pattern, line] of meant) {
    const found = pattern.exec(typed);
    if (found)
      return line.replace('NAME', found[1] === undefined ? 'username=NAME' : (words.at(-1)?.text ?? ''));
  }
  return undefined;
}
