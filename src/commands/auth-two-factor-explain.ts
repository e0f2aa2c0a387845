import { readAccount } from '../domain/read-account.ts';
import { PosternError } from '../errors.ts';
import { choice, text } from '../registry/kinds.ts';
import { defineCommand } from '../registry/spec.ts';
import { requireAccount, usernameParam } from './account.ts';

const answers = {
  asked: 'is asked for a code',
  not_asked: 'is not asked for a code',
  refused: 'is refused: no code is accepted',
  enroll: 'is enrolled at the sign-in',
} as const;

const ways = { password: 'a password', key: 'a key', security_key: 'a FIDO key' } as const;

export const explain = defineCommand({
  path: ['auth', 'two_factor', 'explain'],
  brief: 'Show whether a sign-in would be asked for a code, and which rule says so.',
  details:
    'The first rule that concerns a sign-in decides, in this order: codes or the service are off; the account is locked or cannot be read; it is exempt, by exempt=true or one of exempt_groups; it comes from one of exempt_networks; it has no device (unenrolled); security_keys; remember. Without from= the sign-in comes from no known address.',
  effect: 'observe',
  params: {
    username: { ...usernameParam, required: true },
    from: { kind: text('an address', '192.168.1.7'), brief: 'address that the sign-in comes from' },
    service: { kind: choice('ssh'), brief: 'where the person signs in', default: 'ssh' },
    by: {
      kind: choice('password', 'key', 'security_key'),
      brief: 'what the person shows first',
      default: 'password',
    },
  },
  examples: [
    { line: 'auth two_factor explain ben', note: 'By password, from nowhere in particular.' },
    {
      line: 'auth two_factor explain username=ben from=192.168.1.7 by=key',
      note: 'By key, from an address.',
    },
  ],
  run: async ({ username, from, service, by }, snapshot, { appliance }) => {
    const { decide } = await import('../domain/policy.ts');
    const { readAddress } = await import('../domain/addresses.ts');
    const { explainDecision } = await import('../domain/explain-policy.ts');
    const { account, damage } = readAccount(snapshot, username);
    const isKnown = appliance.manages && (await snapshot.isSystemAccount(username));
    if (!isKnown && account === undefined && damage === undefined) requireAccount(snapshot, username);
    if (from !== undefined && readAddress(from) === undefined) {
      throw new PosternError({
        code: 'bind.wrong_value',
        message: `from expects an address such as 192.168.1.7 or 2001:db8::7, not "${from}"`,
        hint: `auth two_factor explain ?`,
      });
    }
    const signIn = {
      service,
      by,
      from: from ?? null,
      groups: await appliance.groupsOf(username, snapshot.settings.two_factor.exempt_groups),
      ownAddresses: await appliance.ownAddresses(),
      nowMs: snapshot.nowMs,
      boot: snapshot.boot,
    };
    const isGone = appliance.manages && !isKnown;
    const state = isGone ? 'unknown' : damage === undefined ? account : 'unreadable';
    const decision = decide(snapshot.settings, state, signIn);
    const reason = explainDecision(decision, snapshot.settings, signIn, damage);
    const { answer, rule } = decision;
    const where = from === undefined ? '' : ` from ${from}`;
    return {
      shape: 'text',
      text: `${username} ${answers[answer]} at a sign-in to ${service} with ${ways[by]}${where}: ${reason} (rule ${rule})`,
      data: { username, service, from: from ?? null, by, answer, rule, reason },
    };
  },
});
