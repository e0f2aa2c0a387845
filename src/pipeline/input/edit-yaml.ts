import { cancelledError } from '../../errors.ts';
import type { Json } from '../../output/view.ts';
import type { Prompter } from '../../ports/terminal.ts';
import type { CompiledCommand } from '../../registry/compiled.ts';
import { describeKey, listKeys, showValue } from '../../registry/describe.ts';
import { setValue, valueAt } from '../../registry/dotted.ts';
import type { Input } from '../../registry/spec.ts';
import { takeSnapshot } from '../snapshot.ts';
import type { World } from '../world.ts';
import { askFor } from './ask.ts';
import { readPresentValues } from './present.ts';
import { type Fault, readYamlInput } from './yaml.ts';

const faultMark = '#! ';

/**
 * The command's keys as commented YAML in $EDITOR, until what is saved can be used; what is wrong is above its
 * line. Secrets never come into the file: they are asked for. Error: `cancelled.by_user` when nothing was saved, when
 * nothing was changed, or when an error was left as it was.
 */
export async function editInEditor(
  compiled: CompiledCommand,
  world: World,
  prompter: Prompter,
): Promise<Input> {
  const { spec } = compiled;
  const keys = listKeys(spec.params).filter(({ param }) => !param.rest);
  let offered = writeYaml(compiled, world);
  for (;;) {
    const saved = await prompter.edit(offered, `${spec.path.join('-')}.yaml`);
    if (saved === undefined || saved === offered || dropFaults(saved).trim() === '') throw cancelledError();
    const text = dropFaults(saved);
    const { input, faults } = await readYamlInput(
      text,
      keys.filter(({ param }) => !param.secret),
    );
    if (faults.length === 0) return addSecrets(compiled, input, prompter);
    if (text === dropFaults(offered) && offered.includes(faultMark)) throw cancelledError();
    offered = insertFaults(text, faults);
  }
}

function writeYaml({ spec, binding }: CompiledCommand, world: World): string {
  const present = readPresentValues(spec, binding.input, takeSnapshot(world, world.store));
  const lines = [
    `# ${spec.path.join(' ')}: ${spec.brief}`,
    '# Save to run the command. Save an empty or unchanged file to cancel.',
  ];
  for (const key of listKeys(spec.params)) {
    if (key.param.rest) continue;
    lines.push(
      '',
      ...describeKey(key)
        .split('\n')
        .map((line) => `# ${line}`),
    );
    if (key.param.secret) {
      lines.push(`# ${key.key} is secret: you are asked for it on the terminal`);
      continue;
    }
    const given = valueAt(binding.input, key.key);
    const value = given ?? valueAt(present, key.key);
    const shown = value === undefined || value === null ? '' : quoteYaml(showValue(key.kind, value));
    // What nobody asked to change is there to be read, and counts once its # is taken away.
    const isAsked = binding.spans.has(key.key) || key.param.required;
    lines.push(`${isAsked ? '' : '#'}${key.key}: ${shown}`.trimEnd());
  }
  return `${lines.join('\n')}\n`;
}

/** JSON strings are YAML; plain words need no quotes, because the key's kind decides what they are. */
function quoteYaml(text: string): string {
  return /^[A-Za-z0-9][\w.@/+-]*$/.test(text) ? text : JSON.stringify(text);
}

function insertFaults(text: string, faults: readonly Fault[]): string {
  return text
    .split('\n')
    .flatMap((line, index) => [
      ...faults.filter((fault) => fault.line === index).map(({ message }) => `${faultMark}${message}`),
      line,
    ])
    .join('\n');
}

function dropFaults(text: string): string {
  return text
    .split('\n')
    .filter((line) => !line.startsWith(faultMark))
    .join('\n');
}

async function addSecrets(
  { spec, binding }: CompiledCommand,
  input: Record<string, Json>,
  prompter: Prompter,
): Promise<Input> {
  for (const [name, param] of Object.entries(spec.params)) {
    if (param.default !== undefined && input[name] === undefined) input[name] = param.default;
  }
  for (const key of listKeys(spec.params).filter(({ param }) => param.secret)) {
    const given = valueAt(binding.input, key.key);
    if (given !== undefined && given !== '-') setValue(input, key.key, given);
    else if (key.param.required || given === '-') setValue(input, key.key, await askFor(key, prompter));
  }
  return input;
}
