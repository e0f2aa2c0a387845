/*
 * A robot that signs in with the real ssh client and answers its prompts, each as a person would: the prompt is
 * seen first. An answer may be a function, which is called when the prompt stands there and may take its time.
 *
 *   const { entered, prompts } = await logIn(machine, { user: 'alice', answers: ['password', () => codeNow()] });
 */
import {
  chmodSync,
  closeSync,
  constants,
  existsSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  writeSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Machine, projectRoot } from './machine.ts';

/** What to type; a function is asked when its prompt is there. */
export type Answer = string | ((prompt: string) => string | Promise<string>);

export type LogInOptions = {
  readonly user: string;
  /** In the order of the prompts; when they are used up, empty lines follow. */
  readonly answers: readonly Answer[];
  /** More ssh options: `['-i', '/root/.ssh/id_ed25519']`. */
  readonly options?: readonly string[];
  /** What to run on the other side once in; its output is in `output`. Default: nothing. */
  readonly command?: string;
  /** Default 60,000. */
  readonly timeoutMs?: number;
};

export type LoggedIn = {
  /** True: a command ran on the other side as that user. */
  readonly entered: boolean;
  /** Prompts in the order shown, without ssh's own "(user@host) ". */
  readonly prompts: readonly string[];
  /** Milliseconds from each answer to what came next. */
  readonly waitsMs: readonly number[];
  /** What ssh printed, both streams. */
  readonly output: string;
};

/** Signs in at 127.0.0.1 inside the machine; answers, never throws, when it is refused. */
export async function logIn(machine: Machine, options: LogInOptions): Promise<LoggedIn> {
  const directory = mkdtempSync(join(tmpdir(), 'login-'));
  chmodSync(directory, 0o755);
  const ssh = [
    ...['ssh', '-F', 'none', '-o', 'StrictHostKeyChecking=no', '-o', 'UserKnownHostsFile=/dev/null'],
    ...['-o', 'LogLevel=ERROR', '-o', 'NumberOfPasswordPrompts=1', '-o', 'IdentitiesOnly=yes'],
    ...['-o', 'PreferredAuthentications=publickey,keyboard-interactive,password', ...(options.options ?? [])],
    ...['-l', options.user, '127.0.0.1', `id -un; echo LOGIN_OK; ${options.command ?? ':'}`],
  ];
  let done = false;
  const session = machine
    .run(ssh, {
      timeoutMs: options.timeoutMs ?? 60_000,
      env: {
        SSH_ASKPASS: join(projectRoot, 'tests/support/lab/answer.sh'),
        SSH_ASKPASS_REQUIRE: 'force',
        LOGIN_DIR: directory,
      },
    })
    .finally(() => {
      done = true;
    });
  const prompts: string[] = [];
  const answeredMs: number[] = [];
  const seenMs: number[] = [];
  const answerPrompts = async () => {
    while (!done) {
      const file = join(directory, `prompt.${prompts.length}`);
      if (!existsSync(file)) {
        await pause(5);
        continue;
      }
      seenMs.push(performance.now());
      const prompt = readFileSync(file, 'utf8').replace(/^\([^)]*@[^)]*\) /, '');
      const answer = options.answers[prompts.length] ?? '';
      const typed = typeof answer === 'string' ? answer : await answer(prompt);
      const pipe = join(directory, `answer.${prompts.length}`);
      while (!done && !tryWrite(pipe, `${typed}\n`)) await pause(5);
      prompts.push(prompt);
      answeredMs.push(performance.now());
    }
  };
  try {
    const [finished] = await Promise.all([session, answerPrompts()]);
    seenMs.push(performance.now());
    return {
      entered: finished.stdout.startsWith(`${options.user}\nLOGIN_OK\n`),
      prompts,
      waitsMs: answeredMs.map((at, index) => (seenMs[index + 1] ?? Number.NaN) - at),
      output: finished.stdout + finished.stderr,
    };
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

/** Writes into a named pipe; false: nobody reads from it yet. */
function tryWrite(pipe: string, text: string): boolean {
  try {
    const descriptor = openSync(pipe, constants.O_WRONLY | constants.O_NONBLOCK);
    writeSync(descriptor, text);
    closeSync(descriptor);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENXIO') return false;
    throw error;
  }
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
