import { rmSync } from 'node:fs';
import { makeAccount, secretA, settingsOn } from '../support/accounts.ts';
import { addUser, projectRoot } from '../support/lab/machine.ts';
import { buildPam, freshCode, renderStack, startPamLab } from '../support/pam.ts';
import { median } from './measure.ts';

type Case = {
  readonly name: string;
  readonly service: string;
  readonly user: string;
  readonly prepare?: () => Promise<void>;
};

/**
 * A whole PAM conversation by a small C program, in a throw-away machine: with the switch off, for an account without a
 * device, with a right code; against `node -e 0`, against a stack without the module, and against pam_oath.
 */
export async function benchPam(runs: number): Promise<void> {
  const built = await buildPam();
  const lab = await startPamLab(built);
  const { machine } = lab;
  try {
    await addUser(machine, 'alice', 'a');
    await addUser(machine, 'bob', 'b');
    // What is measured is what people run: the built program.
    const shipped = { ...built, helper: `${projectRoot}/bin/postern.js` };
    await machine.write('/etc/pam.d/none', 'auth required pam_permit.so');
    await machine.write('/etc/pam.d/postern', renderStack(shipped, lab.state, 'auth required pam_permit.so'));
    await machine.write(
      '/etc/pam.d/oath',
      'auth required pam_oath.so usersfile=/run/users.oath window=5 digits=6',
    );
    await machine.sh('mkdir -p /run/postern');
    const allowed = { ...settingsOn, two_factor: { ...settingsOn.two_factor, unenrolled: 'allow' as const } };
    await lab.save({ settings: allowed });
    const switchTo = (word: string) => machine.write('/run/postern/enforcement', word);
    const hex = toHex(secretA);
    const cases: readonly Case[] = [
      { name: 'a stack without the module', service: 'none', user: 'alice' },
      { name: 'switched off', service: 'postern', user: 'alice', prepare: () => switchTo('off') },
      {
        name: 'no device (unenrolled=allow)',
        service: 'postern',
        user: 'bob',
        prepare: () => switchTo('on'),
      },
      {
        name: 'a right code',
        service: 'postern',
        user: 'alice',
        prepare: async () => {
          await switchTo('on');
          await lab.save({ accounts: new Map([['alice', makeAccount('alice')]]) });
        },
      },
      {
        name: 'a right code, pam_oath',
        service: 'oath',
        user: 'alice',
        prepare: () => machine.write('/run/users.oath', `HOTP/T30/6 alice - ${hex}\n`, '0600'),
      },
    ];
    const times = new Map<string, number[]>([
      ['node -e 0', []],
      ...cases.map(({ name }) => [name, [] as number[]] as const),
    ]);
    const time = async (name: string, command: string, input: string) => {
      const script = `start=$EPOCHREALTIME; ${command} > /run/said || { cat /run/said >&2; exit 1; }; echo $(( \${EPOCHREALTIME/./} - \${start/./} ))`;
      times.get(name)?.push(Number(await machine.sh(script, { input })) / 1000);
    };
    for (let run = -1; run < runs; run += 1) {
      if (run === 0) for (const list of times.values()) list.length = 0;
      await time('node -e 0', `${process.execPath} -e 0`, '');
      for (const { name, service, user, prepare } of cases) {
        await prepare?.();
        await time(name, `${built.checker} ${service} ${user}`, `${freshCode()}\n`);
      }
    }
    const base = times.get('node -e 0') ?? [];
    const bare = times.get('a stack without the module') ?? [];
    console.log(
      `\nA PAM conversation (${runs} rounds; the first column against node -e 0, the second against a stack without the module)`,
    );
    for (const [name, list] of times) {
      const against = (other: readonly number[]) =>
        median(list.map((ms, run) => ms / (other[run] ?? ms))).toFixed(2);
      console.log(
        `  ${name.padEnd(48)} ${against(base)} x  ${against(bare).padStart(6)} x   ${median(list).toFixed(1)} ms`,
      );
    }
  } finally {
    lab.stop();
    rmSync(built.directory, { recursive: true, force: true });
  }
}

/** Base32 as hexadecimal digits, which is how pam_oath's file has its secrets. */
function toHex(base32: string): string {
  const bits = [...base32]
    .map((letter) => 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'.indexOf(letter).toString(2).padStart(5, '0'))
    .join('');
  return (bits.match(/.{8}/g) ?? [])
    .map((byte) => Number.parseInt(byte, 2).toString(16).padStart(2, '0'))
    .join('');
}
