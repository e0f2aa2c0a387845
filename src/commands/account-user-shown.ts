import { type CommandSpec, defineCommand } from '../registry/spec.ts';
import { deviceParam, requireAccount, usernameOrRoot, usernameParam } from './account.ts';
import { enrolmentView } from './enrolment.ts';

const enrol = () => import('../domain/two-factor/enrol.ts');

const show = defineCommand({
  path: ['account', 'user', 'show_2fa_qr'],
  brief: "Show a device's current secret again, as QR code, key and URI.",
  effect: 'read',
  audited: true,
  params: { username: { ...usernameParam, required: true }, device: { ...deviceParam, positional: true } },
  examples: [
    {
      line: 'account user show_2fa_qr ben',
      note: 'For a second phone, or a screen closed too soon.',
    },
  ],
  run: async ({ username, device }, snapshot) => {
    const { enrolment, warnings } = (await enrol()).enrolmentOf(
      requireAccount(snapshot, username),
      device,
      snapshot.settings.two_factor.issuer,
    );
    const { recovery_codes: _, ...data } = enrolmentView(enrolment);
    return { shape: 'record', data, enrolment, warnings };
  },
});

const uri = defineCommand({
  path: ['account', 'user', 'provisioning_uri'],
  aliases: [['auth', 'two_factor', 'provisioning_uri']],
  brief: 'Show the URI of a device.',
  effect: 'read',
  audited: true,
  params: { username: usernameOrRoot, device: { ...deviceParam, positional: true } },
  examples: [
    {
      line: 'account user provisioning_uri username=ben',
      note: 'For a QR program. It contains the secret.',
    },
  ],
  run: async ({ username, device }, snapshot) => {
    const { enrolment, warnings } = (await enrol()).enrolmentOf(
      requireAccount(snapshot, username),
      device,
      snapshot.settings.two_factor.issuer,
    );
    return { shape: 'record', data: { username, device, provisioning_uri: enrolment.uri }, warnings };
  },
});

const config = defineCommand({
  path: ['account', 'user', 'twofactor_config'],
  brief: "Show an account's two-factor parameters, including its secrets.",
  effect: 'read',
  audited: true,
  params: { username: { ...usernameParam, required: true }, device: { ...deviceParam, positional: true } },
  examples: [{ line: 'account user twofactor_config ben', note: 'Everything an authenticator needs.' }],
  run: async ({ username, device }, snapshot) => {
    const account = requireAccount(snapshot, username);
    const { enrolment, warnings } = (await enrol()).enrolmentOf(
      account,
      device,
      snapshot.settings.two_factor.issuer,
    );
    const { recovery_codes: _, ...data } = enrolmentView(enrolment);
    const confirmed = account.devices.find(({ name }) => name === device)?.confirmed ?? false;
    return {
      shape: 'record',
      data: { ...data, confirmed, window: snapshot.settings.two_factor.window },
      warnings,
    };
  },
});

/** Secrets shown again: each is written to the audit log. */
export const userShownCommands: readonly CommandSpec[] = [show, uri, config];
