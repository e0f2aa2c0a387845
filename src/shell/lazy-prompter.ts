import { isTerminal, writeAll } from '../platform/io.ts';
import type { Prompter } from '../ports/terminal.ts';

/**
 * Asks on this process's terminal; undefined: there is none at both ends. Node's streams are built, and what asks is
 * loaded, only when something is asked.
 */
export function createLazyPrompter(): Prompter | undefined {
  if (!isTerminal(0) || !isTerminal(1)) return undefined;
  let opened: Promise<Prompter> | undefined;
  const open = () => {
    opened ??= openPrompter();
    return opened;
  };
  return {
    confirm: async (statement) => (await open()).confirm(statement),
    ask: async (question) => (await open()).ask(question),
    say: (text) => void writeAll(1, `${text}\n`),
    edit: async (text, fileName) => (await open()).edit(text, fileName),
  };
}

async function openPrompter(): Promise<Prompter> {
  const { createPrompter } = await import('../platform/prompter.ts');
  const { describeTty } = await import('../platform/shell-io.ts');
  const { openTypedInput } = await import('../platform/typed-input.ts');
  const { stdin: input, stdout: output, env } = process;
  const streams = { input: openTypedInput(input), output };
  const prompter = createPrompter(streams, env, describeTty({ input, output }, env).canEdit);
  if (!prompter) throw new Error('the terminal was closed');
  return prompter;
}
