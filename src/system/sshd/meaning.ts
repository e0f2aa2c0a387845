import type { SignIn, SshPolicy } from './policy.ts';

/** Says in one sentence what a policy means to the people who sign in. */
export function describeSshPolicy(policy: SshPolicy): string {
  const otherwise = policy.exceptions.length > 0 ? '; Match blocks of sshd_config make exceptions' : '';
  return `${describeEverybody(policy)}${otherwise}`;
}

function describeEverybody({ codes, everybody, root, rootForcedCommandsOnly }: SshPolicy): string {
  const how = describeSignIn(everybody, codes);
  if (sameSignIn(everybody, root) && !rootForcedCommandsOnly) {
    return `everyone, including root, signs in with ${how}`;
  }
  // sshd asks nobody for a code whose keys only run commands.
  if (!root.byKey || (rootForcedCommandsOnly && codes)) {
    return `everyone signs in with ${how}; root cannot sign in over SSH`;
  }
  return rootForcedCommandsOnly
    ? `everyone signs in with ${how}; root only runs the commands that its keys name`
    : `everyone signs in with ${how}; root signs in with ${describeSignIn(root, codes)}`;
}

function describeSignIn(signIn: SignIn, codes: boolean): string {
  const and = codes ? ' and a code' : '';
  if (signIn.byPassword && signIn.byKey) {
    return codes ? 'a password or a public key, and a code' : 'a password or a public key';
  }
  return signIn.byPassword ? `a password${and}` : `a public key${and}; a password is not asked for`;
}

function sameSignIn(a: SignIn, b: SignIn): boolean {
  return a.byPassword === b.byPassword && a.byKey === b.byKey;
}
