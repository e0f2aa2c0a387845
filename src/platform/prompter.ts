import { emitKeypressEvents } from 'node:readline';
import { cancelledError } from '../errors.ts';
import type { Prompter, Question } from '../ports/terminal.ts';
import { editText } from './edit-text.ts';
import type { PrompterStreams } from './plain-prompter.ts';

/** How long a process that asked to be stopped waits to see whether it was: one without a shell above it never is. */
const suspendGraceMs = 50;
const endingSignals = ['SIGTERM', 'SIGHUP'] as const;
/** One look on every screen: no glyph that a console font may lack, no colour to turn off. */
const plainStyle = (text: string) => text;
const theme = {
  prefix: { idle: '?', done: '>' },
  style: {
    answer: plainStyle,
    message: plainStyle,
    error: (text: string) => `  ${text}`,
    defaultAnswer: (text: string) => `[${text}]`,
    help: () => '',
    highlight: plainStyle,
    key: plainStyle,
    maskedText: '',
  },
};

/**
 * Asks on the terminal: with inquirer where the cursor can be moved (`canEdit`), else with plain questions. undefined:
 * a terminal is not at both ends, so there is nobody to ask. What asking needs is loaded when it is first needed.
 */
export function createPrompter(
  { input, output }: PrompterStreams,
  environment: { readonly [name: string]: string | undefined },
  canEdit: boolean,
): Prompter | undefined {
  if (!input.isTTY || !output.isTTY) return undefined;
  const streams = { input, output };
  const ask = async (question: Question) =>
    canEdit
      ? askWithInquirer(question, streams)
      : (await import('./plain-prompter.ts')).askPlainly(question, streams);
  return {
    ask,
    confirm: async (statement) => {
      output.write(`${statement}.\n`);
      const answer = await ask({
        message: 'Go on? (y/N)',
        check: (typed) => (/^(y|yes|n|no|)$/i.test(typed.trim()) ? undefined : 'type y or n'),
      });
      return /^y/i.test(answer.trim());
    },
    say: (text) => void output.write(`${text}\n`),
    edit: (text, fileName) => editText(text, fileName, environment),
  };
}

async function askWithInquirer(question: Question, { input, output }: PrompterStreams): Promise<string> {
  const { default: inquirer } = await import('inquirer');
  const abort = new AbortController();
  let isSuspended = false;
  // Whom nothing stopped, nothing continues: the terminal would go on showing what is typed.
  const continueUnstopped = () => {
    if (isSuspended) process.kill(process.pid, 'SIGCONT');
  };
  const takeKey = (_text: string | undefined, key: { readonly name?: string; readonly ctrl?: boolean }) => {
    if (key.name === 'escape' || (key.ctrl && key.name === 'd')) abort.abort();
    if (!key.ctrl || key.name !== 'z') return;
    isSuspended = true;
    setTimeout(() => setImmediate(continueUnstopped), suspendGraceMs);
  };
  let endedBy: NodeJS.Signals | undefined;
  const cancel = (signal: NodeJS.Signals) => {
    endedBy ??= signal;
    abort.abort();
  };
  // readline leaves its input paused after Ctrl-Z, and the question off the screen.
  const goOn = () => {
    isSuspended = false;
    setImmediate(() => {
      output.write(`? ${question.message}: `);
      input.resume();
    });
  };
  emitKeypressEvents(input);
  input.on('keypress', takeKey);
  for (const signal of endingSignals) process.on(signal, cancel);
  process.on('SIGCONT', goOn);
  try {
    const prompt = inquirer.createPromptModule({ input, output, signal: abort.signal } as never);
    const { answer } = await prompt<{ answer: string }>([describeQuestion(question) as never]);
    return answer;
  } catch (error) {
    throw explainEnd(error, endedBy);
  } finally {
    input.off('keypress', takeKey);
    for (const signal of endingSignals) process.off(signal, cancel);
    process.off('SIGCONT', goOn);
    isSuspended = false;
    input.pause();
  }
}

function describeQuestion({ message, hidden, initial, check }: Question): object {
  const validate = (typed: string) => check?.(typed) ?? true;
  const common = { name: 'answer', message: `${message}:`, theme, validate };
  // Ctrl-T would show what is typed, unless it is told not to.
  if (hidden) return { ...common, type: 'password', toggleMask: false };
  return { ...common, type: 'input', ...(initial === undefined ? {} : { default: initial }) };
}

function explainEnd(error: unknown, endedBy: NodeJS.Signals | undefined): unknown {
  const name = error instanceof Error ? error.name : '';
  const isCancelled = ['ExitPromptError', 'AbortPromptError', 'CancelPromptError'].includes(name);
  return isCancelled ? cancelledError(endedBy) : error;
}
