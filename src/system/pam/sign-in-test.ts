import { PosternError } from '../../errors.ts';
import { isSystemAccount } from '../machine/machine.ts';
import type { SystemFacts, SystemPorts } from '../types.ts';
import { asksForCode, holdConversation, nobody, type PamConversation } from './trial.ts';

/** The data of `system enforcement test`. */
export type EnforcementTest = {
  readonly username: string;
  /** Whether the user, password or key accepted, is asked for a code. */
  readonly asked_for_code: boolean;
  /** Whether the user gets in with no code at all. */
  readonly let_in_without_code: boolean;
  /** Whether somebody with a wrong password gets as far as the code: must be false. */
  readonly code_after_wrong_password: boolean;
  /** What was said in the conversations, for a person. */
  readonly conversations: readonly {
    readonly as: string;
    readonly said: readonly string[];
    readonly result: string;
  }[];
};

/**
 * Holds two real conversations with the stack in force: as the user after an accepted key, broken off at the code,
 * which counts as no attempt; and as nobody with a wrong password. Errors: `rule.trial_store`,
 * `rule.pam_check_missing`, `not_found.account`.
 */
export function testEnforcement(ports: SystemPorts, facts: SystemFacts, username: string): EnforcementTest {
  const checker = requireChecker(facts);
  if (!isSystemAccount(ports, username)) {
    throw new PosternError({ code: 'not_found.account', message: `the system has no account '${username}'` });
  }
  const withKey = holdConversation(ports, { checker, username, answers: [], afterKey: true });
  const wrong = holdConversation(ports, { checker, username: nobody, answers: ['wrong'], afterKey: false });
  return {
    username,
    asked_for_code: asksForCode(withKey),
    let_in_without_code: withKey.authenticated,
    code_after_wrong_password: asksForCode(wrong),
    conversations: [
      tell(`${username}, after a public key`, withKey),
      tell('nobody, with a wrong password', wrong),
    ],
  };
}

function requireChecker(facts: SystemFacts): string {
  if (!facts.managesSystem) {
    throw new PosternError({
      code: 'rule.trial_store',
      message: "this store is a trial: the system's sign-ins do not read it",
      hint: 'sudo postern system enforcement status',
    });
  }
  if (facts.checkerPath === null) {
    throw new PosternError({
      code: 'rule.pam_check_missing',
      message: 'postern-pam-check, which verifies the PAM stack, is not installed',
      hint: 'make -C src/pam install',
    });
  }
  return facts.checkerPath;
}

function tell(as: string, { said, result }: PamConversation) {
  return { as, said: said.map(({ text }) => text.trim()), result: result ?? 'no answer' };
}
