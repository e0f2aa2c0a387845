// Runs the program once and keeps what V8 compiled meanwhile beside its files (bin/postern.js reads it): compiling is
// what a start costs most. A cache counts for one version of Node; any other compiles anew.
import { spawn, spawnSync } from 'node:child_process';
import { createHmac } from 'node:crypto';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const secret = 'A'.repeat(32);

/** Writes `*.cjs.cache` beside the bundles in `out`, as far as the usual runs of them go. */
export async function compileAhead(program, out) {
  const state = join(out, 'compile-ahead');
  rmSync(state, { recursive: true, force: true });
  const run = (...words) =>
    spawnSync(process.execPath, ['-e', keep(program, ['--state-dir', state, ...words])], { stdio: 'ignore' });
  run('account', 'user', 'renew_2fa_secret', 'root', `secret=${secret}`);
  run('auth', 'two_factor', 'update', 'enabled=true', 'services.ssh=true', 'force=true');
  await signIn(program, state);
  run('account', 'user', 'verify_twofactor_token', 'root', codeNow());
  run('auth', 'two_factor', 'update', 'enabled=false', 'window=2');
  rmSync(state, { recursive: true, force: true });
}

/** A sign-in with a right code, line by line as the PAM module sends them. */
async function signIn(program, state) {
  const helper = spawn(process.execPath, ['-e', keep(program, ['pam'])], {
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  const ended = new Promise((resolve) => helper.on('exit', resolve));
  helper.stdin.on('error', () => {});
  const lines = [
    `STATE ${state}`,
    'USER root',
    'KNOWN yes',
    'SERVICE sshd',
    'RHOST 127.0.0.1',
    'KEY no',
    `ANSWER ${codeNow()}`,
  ];
  // The module sends packets; from a pipe, lines that come together would be read as one.
  for (const line of lines) {
    await sleep(300);
    helper.stdin.write(line);
  }
  await Promise.race([ended, sleep(5_000)]);
  helper.kill();
}

/** Runs the program with `words`, and at its end keeps what each of its scripts has compiled. */
function keep(program, words) {
  return `
    const vm = require('node:vm');
    const made = [];
    vm.Script = class extends vm.Script { constructor(...all) { super(...all); made.push([all[1].filename, this]); } };
    process.on('exit', () => {
      for (const [path, script] of made) require('node:fs').writeFileSync(path + '.cache', script.createCachedData());
    });
    process.argv = [process.execPath, ${JSON.stringify(program)}, ...${JSON.stringify(words)}];
    require(${JSON.stringify(program)});`;
}

/** RFC 6238 for a secret of zero bytes. */
function codeNow() {
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(Math.floor(Date.now() / 30_000)));
  const mac = createHmac('sha1', Buffer.alloc(20)).update(counter).digest();
  return String((mac.readUInt32BE(mac[19] & 15) & 0x7fffffff) % 1_000_000).padStart(6, '0');
}
