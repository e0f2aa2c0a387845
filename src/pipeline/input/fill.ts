import { PosternError, type Problem } from '../../errors.ts';
import type { Json } from '../../output/view.ts';
import { refuseMissing } from '../../registry/bind.ts';
import type { CompiledCommand } from '../../registry/compiled.ts';
import { type Key, listKeys } from '../../registry/describe.ts';
import { setValue } from '../../registry/dotted.ts';
import type { Input } from '../../registry/spec.ts';
import type { World } from '../world.ts';
import { askFor, checkTyped, readTyped } from './ask.ts';

/**
 * A command's input completed: `-` is read from standard input (asked for where someone sits there), and what is
 * missing is asked for. It has the type that the command's `run` takes.
 * Errors: `bind.empty_input`, `bind.wrong_value`, `bind.missing_parameter`, `cancelled.by_user`.
 */
export async function fillInput(compiled: CompiledCommand, world: World): Promise<Input> {
  const { spec, binding } = compiled;
  const input: Record<string, Json> = { ...binding.input };
  for (const key of listKeys(spec.params)) {
    if (key.param.stdin && input[key.name] === '-')
      input[key.name] = await takeInput(key, compiled, world, input.username);
  }
  // A dry run asks nothing: of what a line leaves open, it only takes what `-` names.
  const prompter = world.options.dryRun ? undefined : world.prompter;
  if (binding.missing.length > 0 && !prompter) {
    throw new PosternError(refuseMissing(compiled));
  }
  for (const key of listKeys(spec.params)) {
    if (prompter && binding.missing.includes(key.name)) {
      setValue(input, key.key, await askFor(key, prompter, input.username));
    }
  }
  return input;
}

/**
 * The input of a command that ends in `--` (asked for key by key) or `-- edit` (written in an editor).
 * Errors: `usage.needs_terminal`, `usage.dry_run_asks`, `cancelled.by_user`; nothing is changed then.
 */
export async function editInput(compiled: CompiledCommand, world: World): Promise<Input> {
  if (world.options.dryRun) throw new PosternError(explainDryRun(compiled));
  if (!world.prompter) throw new PosternError(explainNoTerminal(compiled));
  if (compiled.edit === 'editor') {
    const { editInEditor } = await import('./edit-yaml.ts');
    return editInEditor(compiled, world, world.prompter);
  }
  const { editByQuestions } = await import('./questions.ts');
  return editByQuestions(compiled, world, world.prompter);
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
      message: `${key.key}=- reads a line of standard input, but there is none`,
      ...(span ? { span } : {}),
      hint: `printf '%s\\n' VALUE | postern ${text.trim()}`,
    });
  }
  const wrong = checkTyped(key.kind, typed);
  if (wrong === undefined) return readTyped(key.kind, typed);
  throw new PosternError({
    code: 'bind.wrong_value',
    message: `the line of standard input for ${key.key}: ${wrong}`,
    ...(span ? { span } : {}),
  });
}

function explainDryRun(compiled: CompiledCommand): Problem {
  const message = '-- asks for each parameter, and a dry run asks nothing: give the values in the line';
  return { ...explainNoTerminal(compiled), code: 'usage.dry_run_asks', message };
}

function explainNoTerminal({ text, path }: CompiledCommand): Problem {
  const at = text.lastIndexOf('--');
  return {
    code: 'usage.needs_terminal',
    message: '-- needs a terminal to ask on',
    span: { start: at, end: at + 2 },
    hint: `${path.join(' ')} ?`,
  };
}
