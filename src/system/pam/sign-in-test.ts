import type { EnforcementTest } from '../../domain/enforcement.ts';
import { PosternError } from '../../errors.ts';
import { isSystemAccount } from '../machine/machine.ts';
import type { SystemFacts, SystemPorts } from '../types.ts';
import { asksForCode, holdConversation, nobody, type PamConversation } from './trial.ts';

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
