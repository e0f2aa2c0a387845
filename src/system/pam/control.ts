/** What a module can answer, by the names that a control in square brackets has for it (pam.conf(5)). */
export const pamAnswers = [
  ...['success', 'open_err', 'symbol_err', 'service_err', 'system_err', 'buf_err', 'perm_denied', 'auth_err'],
  ...['cred_insufficient', 'authinfo_unavail', 'user_unknown', 'maxtries', 'new_authtok_reqd'],
  ...[
    'acct_expired',
    'session_err',
    'cred_unavail',
    'cred_expired',
    'cred_err',
    'no_module_data',
    'conv_err',
  ],
  ...['authtok_err', 'authtok_recover_err', 'authtok_lock_busy', 'authtok_disable_aging', 'try_again'],
  ...['ignore', 'abort', 'authtok_expired', 'module_unknown', 'bad_item', 'conv_again', 'incomplete'],
] as const;

export type PamAnswer = (typeof pamAnswers)[number];

/** What libpam makes of an answer; a number: so many rules are jumped over. */
export type PamAction = 'ignore' | 'ok' | 'done' | 'bad' | 'die' | 'reset' | number;

/** What follows each answer. */
export type PamControl = Readonly<Record<PamAnswer, PamAction>>;

/** A control as libpam reads it; one that it cannot read lets every answer fail. */
export function readControl(control: string): PamControl {
  const bracketed = /^\[(.*)\]$/s.exec(control)?.[1];
  if (bracketed !== undefined) return readPairs(bracketed);
  switch (control.toLowerCase()) {
    case 'sufficient':
      return fill({ success: 'done', new_authtok_reqd: 'done' }, 'ignore');
    case 'optional':
      return fill({ success: 'ok', new_authtok_reqd: 'ok' }, 'ignore');
    case 'requisite':
      return fill({ success: 'ok', new_authtok_reqd: 'ok', ignore: 'ignore' }, 'die');
    case 'required':
      return fill({ success: 'ok', new_authtok_reqd: 'ok', ignore: 'ignore' }, 'bad');
    default:
      return fill({}, 'bad');
  }
}

type Known = { [answer in PamAnswer]?: PamAction };

const pair = new RegExp(
  String.raw`\s*(${[...pamAnswers, 'default'].join('|')})\s*=\s*(ignore|ok|done|bad|die|reset|\d+)`,
  'y',
);

/** `default` is for what no pair before it names, and a later pair outranks it. */
function readPairs(text: string): PamControl {
  let known: Known = {};
  pair.lastIndex = 0;
  for (let end = 0; text.slice(end).trim() !== ''; end = pair.lastIndex) {
    const [, answer, word = ''] = pair.exec(text) ?? [];
    const action = /^\d/.test(word) ? Number(word) : (word as PamAction);
    if (answer === undefined || action === 0) return fill({}, 'bad');
    known = answer === 'default' ? fill(known, action) : { ...known, [answer]: action };
  }
  return fill(known, 'bad');
}

function fill(known: Known, others: PamAction): PamControl {
  return Object.fromEntries(pamAnswers.map((answer) => [answer, known[answer] ?? others])) as PamControl;
}
