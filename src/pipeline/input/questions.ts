import { isDeepStrictEqual } from 'node:util';
import type { Json } from '../../output/view.ts';
import type { Prompter } from '../../ports/terminal.ts';
import type { CompiledCommand } from '../../registry/compiled.ts';
import { type Key, listKeys, showValue } from '../../registry/describe.ts';
import { setValue, valueAt } from '../../registry/dotted.ts';
import { describeKind } from '../../registry/kinds.ts';
import type { Input } from '../../registry/spec.ts';
import { takeSnapshot } from '../snapshot.ts';
import type { World } from '../world.ts';
import { askFor, checkTyped, readTyped } from './ask.ts';
import { readPresentValues } from './present.ts';

/**
 * Asks for every key in turn, each with its bounds and with what it is at. Enter keeps that; what was kept is not
 * part of the input, unless nothing else is. Error: `cancelled.by_user`.
 */
export async function editByQuestions(
  { spec, binding }: CompiledCommand,
  world: World,
  prompter: Prompter,
): Promise<Input> {
  const input: Record<string, Json> = {};
  const kept: Record<string, Json> = {};
  const snapshot = takeSnapshot(world, world.store);
  prompter.say(`${spec.brief}\nEnter keeps the value in brackets; Ctrl-C cancels.`);
  for (const key of listKeys(spec.params).filter(({ param }) => !param.rest)) {
    const given = valueAt(binding.input, key.key);
    const present = valueAt(readPresentValues(spec, input, snapshot), key.key);
    const initial = given ?? present;
    const answer = (await askOne(key, initial, prompter)) ?? given;
    if (answer === undefined) continue;
    const isKept = !binding.spans.has(key.key) && isDeepStrictEqual(answer, present);
    setValue(isKept ? kept : input, key.key, answer);
  }
  // Nothing but what is there already: the command then says "unchanged".
  return Object.keys(input).every((name) => spec.params[name]?.default !== undefined)
    ? { ...kept, ...input }
    : input;
}

async function askOne(key: Key, initial: Json | undefined, prompter: Prompter): Promise<Json | undefined> {
  const { kind, param } = key;
  prompter.say(param.brief);
  const shown = initial === undefined || initial === null || param.secret ? '' : showValue(kind, initial);
  if (param.required && shown === '') return askFor(key, prompter);
  const check = (typed: string) => (typed === '' ? undefined : checkTyped(kind, typed));
  const message = `${key.key} (${describeKind(kind)})`;
  const answer = await prompter.ask({
    message,
    check,
    ...(shown === '' ? {} : { initial: shown }),
    ...(param.secret ? { hidden: true } : {}),
  });
  return answer === '' ? undefined : readTyped(kind, answer);
}
