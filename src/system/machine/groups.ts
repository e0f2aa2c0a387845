import type { SystemPorts } from '../types.ts';

type Ports = Pick<SystemPorts, 'runner'>;

/** Longer than a directory service takes, shorter than a sign-in waits. */
const timeoutMs = 8_000;

/**
 * Those of `groups` that the system counts an account among, by getgrouplist(3): nested groups of a directory are there,
 * and so is its first group. Told by number, for a name may look alike. What cannot be asked counts as no group.
 */
export function findGroups(ports: Ports, username: string, groups: readonly string[]): readonly string[] {
  const known = findGroupNumbers(ports, groups);
  if (known.size === 0) return [];
  const { status, stdout } = ports.runner.run(['id', '-G', '--', username], { timeoutMs });
  // id takes a name that is none for a user id, and then answers for another account.
  if (status !== 0 || !isNamed(ports, username)) return [];
  const numbers = new Set(stdout.trim().split(' '));
  return groups.filter((group) => numbers.has(known.get(group) ?? ''));
}

/**
 * The numbers of these groups, by the names that the system gives them: getent takes what reads as a number for a group
 * id, and a directory may ignore case, so only what is found by exactly its own name is meant.
 */
export function findGroupNumbers(ports: Ports, groups: readonly string[]): ReadonlyMap<string, string> {
  if (groups.length === 0) return new Map();
  const { stdout } = ports.runner.run(['getent', 'group', '--', ...groups], { timeoutMs });
  const rows = stdout.split('\n').map((line) => line.split(':'));
  return new Map(
    rows.flatMap(([name, , number = '']) => (name && /^\d+$/.test(number) ? [[name, number]] : [])),
  );
}

function isNamed({ runner }: Ports, username: string): boolean {
  if (!/^[+-]?\d+$/.test(username)) return true;
  return runner.run(['getent', 'passwd', '--', username], { timeoutMs }).stdout.startsWith(`${username}:`);
}
