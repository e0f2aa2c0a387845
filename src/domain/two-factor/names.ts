import { PosternError } from '../../errors.ts';

const longestUsernameBytes = 255;
const longestDeviceName = 32;

/**
 * Refuses a name that no account can have (`rule.username`). Accepted is what useradd accepts and what directory
 * services have besides: `DOMAIN\user`, `a.b@example.org`, capitals, spaces inside, letters of any script.
 */
export function checkUsername(username: string): void {
  const fault = findUsernameFault(username);
  if (fault === undefined) return;
  throw new PosternError({
    code: 'rule.username',
    message: `the username ${fault}`,
    hint: 'give a login name, such as username=root',
  });
}

/** What is wrong with a username, as the rest of a sentence; undefined: nothing. */
export function findUsernameFault(username: string): string | undefined {
  if (username === '') return 'is empty';
  if (Buffer.byteLength(username) > longestUsernameBytes)
    return `is longer than ${longestUsernameBytes} bytes`;
  if (username.startsWith('-')) return "begins with '-', which programs read as an option";
  if (username === '.' || username === '..') return `cannot be '${username}'`;
  if (username.includes('/')) return "holds a '/'";
  if (username.includes(':')) return "contains a ':', which separates the fields of passwd(5)";
  if (/^\s|\s$/u.test(username)) return 'begins or ends with a space';
  if (/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u.test(username)) return 'contains a control or invisible character';
  return undefined;
}

/** Refuses a name that no device can have (`rule.device_name`): 1 to 32 ASCII letters, digits and `-_.`. */
export function checkDeviceName(name: string): void {
  if (findDeviceNameFault(name) === undefined) return;
  throw new PosternError({
    code: 'rule.device_name',
    message: `a device name has 1 to ${longestDeviceName} letters, digits, '-', '_' or '.', and begins with a letter or digit`,
    hint: 'device=phone',
  });
}

/** What is wrong with a device name, as the rest of a sentence; undefined: nothing. */
export function findDeviceNameFault(name: string): string | undefined {
  if (name === '') return 'is empty';
  if (name.length > longestDeviceName) return `is longer than ${longestDeviceName} characters`;
  return /^[A-Za-z0-9][A-Za-z0-9._-]*$/.test(name)
    ? undefined
    : "contains something other than letters, digits, '-', '_' and '.', or does not begin with a letter or digit";
}

/** A value as it is typed in a command line: bare where that is possible, else in double quotes. */
export function writeWord(value: string): string {
  return /^[\p{L}\d_./@:+%!~\\-]+$/u.test(value) ? value : JSON.stringify(value);
}
