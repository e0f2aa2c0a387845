import { cancelledError } from '../errors.ts';
import type { Question } from '../ports/terminal.ts';
import type { TtyInput, TtyOutput } from './raw-input.ts';

const endingSignals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
/** What arrows and their like send: Escape alone cancels. */
const keySequence = /\x1b(?:\[[0-?]*[ -/]*[@-~]|O.)/g;
const [enterKeys, cancelKeys] = ['\r\n', '\x03\x04\x1b'];

/** The two directions of the terminal that someone is asked on. */
export type PrompterStreams = { readonly input: TtyInput; readonly output: TtyOutput };

/**
 * Asks without moving the cursor, for TERM=dumb and paper: a line of text, a wrong answer explained on the next.
 * Errors: `cancelled.by_user` for Ctrl-C and Ctrl-D, and for Escape where the input is hidden; those of signals.
 */
export async function askPlainly(question: Question, streams: PrompterStreams): Promise<string> {
  const { message, initial, hidden, check } = question;
  const { output } = streams;
  for (;;) {
    const prompt = `${message}${initial === undefined ? '' : ` [${initial}]`}: `;
    const typed = hidden ? await readHidden(prompt, streams) : await readLine(prompt, streams);
    const answer = typed === '' && initial !== undefined ? initial : typed;
    const wrong = check?.(answer);
    if (wrong === undefined) return answer;
    output.write(`  ${wrong}\n`);
  }
}

/** A line as the terminal's driver hands it over; the driver shows and edits it. */
function readLine(prompt: string, streams: PrompterStreams): Promise<string> {
  let received = '';
  return readUntil(prompt, streams, (chunk) => {
    received += chunk;
    const at = received.indexOf('\n');
    return at < 0 ? undefined : received.slice(0, at).replace(/\r$/, '');
  });
}

/** A line of which nothing is shown, whatever is typed. */
async function readHidden(prompt: string, streams: PrompterStreams): Promise<string> {
  let typed: string[] = [];
  streams.input.setRawMode(true);
  try {
    return await readUntil(prompt, streams, (chunk) => {
      for (const character of chunk.replace(keySequence, '')) {
        if (enterKeys?.includes(character)) return typed.join('');
        if (cancelKeys?.includes(character)) throw cancelledError();
        if (character === '\x7f' || character === '\b') typed.pop();
        else if (character === '\x15') typed = [];
        else if (character >= ' ') typed.push(character);
      }
      return undefined;
    });
  } finally {
    streams.input.setRawMode(false);
    streams.output.write('\n');
  }
}

/** Writes `prompt` only when a signal would be heard: whoever sees the question may send one. */
function readUntil(
  prompt: string,
  { input, output }: PrompterStreams,
  take: (chunk: string) => string | undefined,
): Promise<string> {
  return new Promise((resolve, reject) => {
    const finish = (settle: () => void) => {
      input.off('data', receive).off('end', end).off('error', end).pause();
      for (const signal of endingSignals) process.off(signal, cancel);
      settle();
    };
    const receive = (chunk: Buffer | string) => {
      try {
        const answer = take(chunk.toString());
        if (answer !== undefined) finish(() => resolve(answer));
      } catch (error) {
        finish(() => reject(error));
      }
    };
    const cancel = (signal?: NodeJS.Signals) => {
      output.write('\n');
      finish(() => reject(cancelledError(signal)));
    };
    const end = () => cancel();
    for (const signal of endingSignals) process.on(signal, cancel);
    input.on('data', receive).on('end', end).on('error', end).resume();
    output.write(prompt);
  });
}
