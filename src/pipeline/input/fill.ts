import { PosternError, type Problem } from '../../errors.ts';
import { escapeForTerminal } from '../../output/escape.ts';
import type { Json } from '../../output/view.ts';
import type { Prompter } from '../../ports.ts';
import { explainMissing } from '../../registry/bind-missing.ts';
import type { CompiledCommand } from '../../registry/compiled.ts';
import { type Key, listKeys } from '../../registry/describe.ts';
import { describeKind } from '../../registry/kinds.ts';
import type { World } from '../world.ts';
import { checkTyped, placeValue, readTyped } from './typed-value.ts';

type Input = Record<string, Json>;

/**
 * A command's input completed: `-` is read from standard input (asked for where somebody sits there), and what is
 * missing is asked for. It has the type that the command's `run` takes.
 * Errors: `bind.empty_input`, `bind.wrong_value`, `bind.missing_parameter`, `cancelled.by_user`.
 */
export async function fillInput(compiled: CompiledCommand, world: World): Promise<never> {
  const { spec, binding, text } = compiled;
  const input: Input = { ...binding.input };
  for (const key of listKeys(spec.params)) {
    if (key.param.stdin && input[key.name] === '-')
      input[key.name] = await takeInput(key, compiled, world, input.username);
  }
  // A dry run asks nothing but what the line itself leaves open, by `-` or `--`.
  const prompter = world.options.dryRun ? undefined : world.prompter;
  if (binding.missing.length > 0 && !prompter) {
    throw new PosternError(explainMissing(text, compiled.end, spec, binding.missing));
  }
  for (const key of listKeys(spec.params)) {
    if (prompter && binding.missing.includes(key.name)) {
      placeValue(input, key.key, await askFor(key, prompter, input.username));
    }
  }
  return input as never;
}

/**
 * The input of a command that ends in `--` (asked for key by key) or `-- edit` (written in an editor).
 * Errors: `usage.needs_terminal`, `cancelled.by_user`; nothing is changed then.
 */
export async function editInput(compiled: CompiledCommand, world: World): Promise<never> {
  if (!world.prompter) throw new PosternError(explainNoTerminal(compiled));
  if (compiled.edit === 'editor') {
    const { editInEditor } = await import('./edit-yaml.ts');
    return (await editInEditor(compiled, world, world.prompter)) as never;
  }
  const { editByQuestions } = await import('./questions.ts');
  return (await editByQuestions(compiled, world, world.prompter)) as never;
}

/** Asks for one value that must be given; a new password is asked for twice. */
export async function askFor({ key, kind, param }: Key, prompter: Prompter, username?: Json): Promise<Json> {
  const hidden = param.secret === true;
  const isPassword = hidden && key.includes('password');
  const message = isPassword
    ? `New password${typeof username === 'string' ? ` for ${escapeForTerminal(username)}` : ''}`
    : `${key} (${describeKind(kind)})`;
  const check = (typed: string) => (typed === '' ? 'a value is needed here' : checkTyped(kind, typed));
  const answer = await prompter.ask({ message, hidden, check });
  if (isPassword) {
    const isSame = (typed: string) => (typed === answer ? undefined : 'that is not the same as before');
    await prompter.ask({ message: 'The same again', hidden, check: isSame });
  }
  return readTyped(kind, answer);
}

async function takeInput(
  key: Key,
  { text, binding }: CompiledCommand,
  world: World,
  username: Json | undefined,
): Promise<Json> {
  if (world.prompter) return askFor(key, world.prompter, username);
  const span = binding.spans.get(key.name);
  const typed = world.readInputLine();
  if (typed === undefined || typed === '') {
    throw new PosternError({
      code: 'bind.empty_input',
      message: `${key.key}=- takes a line of standard input, and there is none`,
      ...(span ? { span } : {}),
      hint: `printf '%s\\n' VALUE | postern ${text.trim()}`,
    });
  }
  const wrong = checkTyped(key.kind, typed);
  if (wrong === undefined) return readTyped(key.kind, typed);
  throw new PosternError({
    code: 'bind.wrong_value',
    message: `the line of standard input for ${key.key} is not right: ${wrong}`,
    ...(span ? { span } : {}),
  });
}

function explainNoTerminal({ text, path }: CompiledCommand): Problem {
  const at = text.lastIndexOf('--');
  return {
    code: 'usage.needs_terminal',
    message: '-- asks for each parameter, and there is no terminal to ask on',
    span: { start: at, end: at + 2 },
    hint: `${path.join(' ')} ?`,
  };
}
