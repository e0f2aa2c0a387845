import { forgetAddresses, type ReadAccount } from '../domain/account.ts';
import { accountColumns, accountRow, accountView } from '../domain/account-view.ts';
import { readAccount, readOrLost } from '../domain/read-account.ts';
import { PosternError } from '../errors.ts';
import type { JsonObject } from '../output/view.ts';
import { boolean, text } from '../registry/kinds.ts';
import { type CommandSpec, defineCommand } from '../registry/spec.ts';
import {
  answerAccountChange,
  answerReplacement,
  refuseEmptyUpdate,
  requireAccount,
  usernameParam,
  warnIfNobodyEnrolled,
  warnOfDamage,
} from './account.ts';

const query = defineCommand({
  path: ['account', 'user', 'query'],
  brief: 'List accounts and their two-factor state.',
  effect: 'read',
  params: {},
  query: {
    columns: accountColumns,
    shown: [
      'username',
      'admin',
      'locked',
      'exempt',
      'enrolled',
      'devices',
      'recovery_codes_left',
      'locked_until',
    ],
  },
  examples: [
    { line: 'account user query', note: 'Every account.' },
    {
      line: 'account user query username devices where enrolled == true order_by=username',
      note: 'Some columns of some accounts.',
    },
  ],
  run: (_input, snapshot, isEnough) => {
    const present: ReadAccount[] = [];
    const data: JsonObject[] = [];
    for (const name of snapshot.accountNames()) {
      const read = readAccount(snapshot, name);
      if (!read.account && read.damage === undefined) continue;
      const row = accountRow(read, snapshot.nowMs);
      present.push(read);
      data.push(row);
      if (isEnough(row)) break;
    }
    return { shape: 'rows', data, columns: accountColumns, warnings: warnOfDamage(present) };
  },
});

const getInstance = defineCommand({
  path: ['account', 'user', 'get_instance'],
  brief: 'Show one account.',
  effect: 'read',
  params: { username: { ...usernameParam, required: true } },
  examples: [{ line: 'account user get_instance root', note: 'One account, one key a line.' }],
  run: ({ username }, snapshot) => ({
    shape: 'record',
    data: accountView(requireAccount(snapshot, username), snapshot.nowMs),
  }),
});

const facts = {
  full_name: { kind: text('a name', 'Ann Lee', { maxLength: 128 }), brief: "the person's name" },
  admin: { kind: boolean, brief: 'whether the account is an administrator' },
  locked: { kind: boolean, brief: 'whether its codes are refused' },
  exempt: { kind: boolean, brief: 'never ask this account for a code (for programs that sign in)' },
} as const;

const create = defineCommand({
  path: ['account', 'user', 'create'],
  brief: 'Add an account to Postern.',
  details: 'On an appliance the name must be a system account, local or from a directory service.',
  effect: 'write',
  params: { username: { ...usernameParam, required: true }, ...facts },
  examples: [
    {
      line: 'account user create username=ann full_name="Ann Lee" admin=true',
      note: 'A second administrator.',
    },
  ],
  confirm: ({ username }, snapshot) =>
    readOrLost(snapshot, username) === 'lost'
      ? `this replaces the damaged account ${username} with one that has no device`
      : undefined,
  run: async ({ username, ...given }, snapshot) => {
    const { createAccount } = await import('../domain/two-factor/enrol.ts');
    const before = readOrLost(snapshot, username);
    if (before && before !== 'lost') {
      throw new PosternError({
        code: 'rule.account_exists',
        message: `account "${username}" already exists`,
        hint: `account user get_instance ${username}`,
      });
    }
    if (!(await snapshot.isSystemAccount(username))) {
      throw new PosternError({
        code: 'rule.no_system_account',
        message: `the system has no account "${username}"`,
        hint: "getent passwd lists the system's accounts",
      });
    }
    const account = createAccount(username, given);
    return before === 'lost' ? answerReplacement(username, account) : answerAccountChange(null, account);
  },
});

const update = defineCommand({
  path: ['account', 'user', 'update'],
  brief: 'Change an account.',
  effect: 'write',
  params: { username: { ...usernameParam, required: true }, ...facts },
  examples: [
    {
      line: 'account user update root full_name="The administrator"',
      note: 'Changes only what is named.',
    },
  ],
  present: ({ username }, snapshot) => {
    const account = username === undefined ? undefined : snapshot.account(username);
    if (!account) return {};
    const { full_name, admin, locked, exempt = false } = account;
    return { full_name, admin, locked, exempt };
  },
  run: ({ username, ...given }, snapshot) => {
    const before = requireAccount(snapshot, username);
    refuseEmptyUpdate(given, 'account user update', 'thing');
    // Whoever locks an account lets nothing count that was given before.
    const changed = { ...before, ...given };
    const after = given.locked && !before.locked ? forgetAddresses(changed) : changed;
    const warnings =
      after.admin === before.admin && after.locked === before.locked
        ? []
        : warnIfNobodyEnrolled(snapshot, after, username);
    const isSame =
      after.full_name === before.full_name &&
      after.admin === before.admin &&
      after.locked === before.locked &&
      (after.exempt ?? false) === (before.exempt ?? false);
    return answerAccountChange(before, isSame ? before : after, { warnings });
  },
});

const remove = defineCommand({
  path: ['account', 'user', 'delete'],
  brief: 'Delete an account, its devices and recovery codes. The system account stays.',
  effect: 'write',
  params: { username: { ...usernameParam, required: true } },
  examples: [{ line: 'account user delete ben', note: 'Postern no longer knows the account.' }],
  confirm: ({ username }, snapshot) => {
    const account = readOrLost(snapshot, username);
    if (account === 'lost')
      return `this deletes the damaged account ${username} with its devices and recovery codes`;
    if (!account) return undefined;
    const { length } = account.devices;
    return `${username} is deleted with ${length === 1 ? '1 device' : `${length} devices`} and ${account.recovery_codes.length} recovery codes`;
  },
  run: ({ username }, snapshot) => {
    if (username === 'root') {
      throw new PosternError({
        code: 'rule.root_stays',
        message: "root cannot be deleted: it is the console's account",
        hint: 'account user unset_2fa_secret root',
      });
    }
    if (readOrLost(snapshot, username) === 'lost') {
      return answerReplacement(username, null, { warnings: warnIfNobodyEnrolled(snapshot, null, username) });
    }
    const before = requireAccount(snapshot, username);
    return answerAccountChange(before, null, {
      warnings: before.admin ? warnIfNobodyEnrolled(snapshot, null, username) : [],
    });
  },
});

const unlock = defineCommand({
  path: ['account', 'user', 'unlock'],
  brief: "Clear an account's failed codes and end its lockout.",
  effect: 'write',
  params: { username: { ...usernameParam, required: true } },
  examples: [{ line: 'account user unlock ben', note: 'Codes are accepted again at once.' }],
  run: async ({ username }, snapshot) => {
    const { unlock: clear } = await import('../domain/two-factor/enrol.ts');
    const before = requireAccount(snapshot, username);
    return answerAccountChange(before, clear(before));
  },
});

const forget = defineCommand({
  path: ['account', 'user', 'forget_addresses'],
  brief: 'End what remember has granted an account: the next sign-in is asked for a code from everywhere.',
  effect: 'write',
  params: { username: { ...usernameParam, required: true } },
  examples: [
    { line: 'account user forget_addresses ben', note: 'For a laptop that was lost, or a shared computer.' },
  ],
  run: ({ username }, snapshot) => {
    const before = requireAccount(snapshot, username);
    return answerAccountChange(before, forgetAddresses(before));
  },
});

export const userCommands: readonly CommandSpec[] = [
  query,
  getInstance,
  create,
  update,
  remove,
  unlock,
  forget,
];
