// How long sign-ins wait while very many accounts are imported: `node tests/bench/import.mjs [ACCOUNTS [PROGRAM]]`.
// Two imports, into a store that is almost new and over the accounts that are there by then; meanwhile codes are used
// up one after the other, by the built program. Limits are for a person to judge: the machine is shared.
import { spawn, spawnSync } from 'node:child_process';
import { createHmac, randomBytes } from 'node:crypto';
import { closeSync, mkdtempSync, openSync, readFileSync, readlinkSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const count = Number(process.argv[2] ?? 100_000);
const program = process.argv[3] ?? new URL('../../bin/postern.js', import.meta.url).pathname;
const folder = mkdtempSync(join(tmpdir(), 'postern-bench-'));
const state = join(folder, 'state');
const people = 150;
const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';
const base = [program, '--state-dir', state, '--yes', '-o', 'json'];
const env = { PATH: process.env.PATH, HOME: folder };

const secrets = Array.from({ length: people }, () =>
  [...randomBytes(32)].map((byte) => alphabet[byte & 31]).join(''),
);

function account(username, secret) {
  const device = {
    ...{ name: 'default', secret, otp_digits: 6, interval: 30, confirmed: true },
    ...{ created_ms: 1_760_000_000_000, last_used_step: null, last_used_ms: null },
  };
  const recovery_codes = Array.from({ length: 10 }, () => ({
    salt: randomBytes(16).toString('base64'),
    hash: randomBytes(32).toString('base64'),
  }));
  return {
    ...{ username, full_name: '', admin: false, locked: false, devices: [device], recovery_codes },
    ...{ failures: 0, lockouts: 0, locked_until_ms: null },
  };
}

function writeExport(path, names, secretOf) {
  const two_factor = {
    ...{ enabled: false, services: { ssh: false }, window: 10 },
    ...{ otp_digits: 6, interval: 30, issuer: 'nas', unenrolled: 'allow' },
  };
  const settings = { two_factor, pending: null, ssh: { passwordauth: null, rootlogin: null } };
  const head = JSON.stringify({ postern_export: 1, exported: 'now', host: 'nas', secrets: true, settings });
  const file = openSync(path, 'w', 0o600);
  writeSync(file, `${head.slice(0, -1)},"accounts":[`);
  for (let index = 0; index < names; index++) {
    const { name, secret } = secretOf(index);
    writeSync(file, `${index > 0 ? ',\n' : ''}${JSON.stringify(account(name, secret), null, 2)}`);
  }
  writeSync(file, ']}\n');
  closeSync(file);
}

/** RFC 6238, of this moment plus some steps. */
function readCode(secret, steps) {
  let bits = '';
  for (const letter of secret) bits += alphabet.indexOf(letter).toString(2).padStart(5, '0');
  const key = Buffer.from(bits.match(/.{8}/g).map((byte) => Number.parseInt(byte, 2)));
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(Math.floor(Date.now() / 30_000) + steps));
  const hash = createHmac('sha1', key).update(counter).digest();
  const value = hash.readUInt32BE(hash[19] & 15) & 0x7fffffff;
  return String(value % 1_000_000).padStart(6, '0');
}

/** Uses up a code; milliseconds. Each person has several within the window. */
function signIn(turn, found) {
  const [who, steps] = [turn % people, Math.floor(turn / people) + 1];
  const words = [
    'account',
    'user',
    'verify_twofactor_token',
    `p${who}`,
    `token=${readCode(secrets[who], steps)}`,
  ];
  const start = performance.now();
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [...base, ...words], { env, stdio: ['ignore', 'ignore', 'pipe'] });
    let said = '';
    child.stderr.on('data', (text) => {
      said += text;
    });
    child.on('exit', (code) => {
      if (code === 0) found.times.push(performance.now() - start);
      else found.failed.push(`${code} ${said.trim().slice(0, 200)}`);
      resolve();
    });
  });
}

/** How long one holder had the lock, and how much memory a process had at most. */
function watch(pid) {
  const seen = { heldMs: 0, peakMb: 0 };
  let [last, since] = ['', 0];
  const timer = setInterval(() => {
    const holder = attempt(() => readlinkSync(join(state, 'lock'))) ?? '';
    if (holder !== last) [last, since] = [holder, performance.now()];
    if (holder.startsWith(`${pid}:`)) seen.heldMs = Math.max(seen.heldMs, performance.now() - since);
    const peak = /VmHWM:\s*(\d+)/.exec(attempt(() => readFileSync(`/proc/${pid}/status`, 'utf8')) ?? '');
    if (peak) seen.peakMb = Math.max(seen.peakMb, Math.round(Number(peak[1]) / 1024));
  }, 2);
  return { seen, stop: () => clearInterval(timer) };
}

function attempt(work) {
  try {
    return work();
  } catch {
    return undefined;
  }
}

function tell(name, found) {
  const times = found.times.sort((a, b) => a - b);
  const at = (share) => Math.round(times[Math.min(times.length - 1, Math.floor(times.length * share))] ?? 0);
  console.log(
    `${name}: ${times.length} codes, median ${at(0.5)} ms, 99 % ${at(0.99)} ms, longest ${at(1)} ms`,
  );
  for (const failure of new Set(found.failed)) console.log(`  refused: ${failure}`);
}

let turn = 0;
async function importAll(name) {
  const start = performance.now();
  const child = spawn(
    process.execPath,
    [...base, 'system', 'config', 'import', `file=${join(folder, 'many.json')}`],
    {
      ...{ env, stdio: ['ignore', 'ignore', 'inherit'] },
    },
  );
  let status;
  child.on('exit', (code) => {
    status = code;
  });
  const { seen, stop } = watch(child.pid);
  const found = { times: [], failed: [] };
  while (status === undefined) await signIn(turn++, found);
  stop();
  const seconds = ((performance.now() - start) / 1000).toFixed(1);
  console.log(
    `${name}: status ${status}, ${seconds} s, lock held ${Math.round(seen.heldMs)} ms, ${seen.peakMb} MB`,
  );
  tell('  meanwhile', found);
}

try {
  writeExport(join(folder, 'people.json'), people, (index) => ({
    name: `p${index}`,
    secret: secrets[index],
  }));
  writeExport(join(folder, 'many.json'), count, (index) => ({
    name: `u${index}`,
    secret: secrets[index % people],
  }));
  const { status } = spawnSync(
    process.execPath,
    [...base, 'system', 'config', 'import', `file=${join(folder, 'people.json')}`],
    { env },
  );
  if (status !== 0) throw new Error('the people could not be imported');
  const quiet = { times: [], failed: [] };
  // Codes up to now are void for some steps after an import.
  while (turn < 40) await signIn(turn++, quiet);
  tell('before', quiet);
  await importAll(`${count} new accounts`);
  await importAll('the same again');
} finally {
  rmSync(folder, { recursive: true, force: true });
}
