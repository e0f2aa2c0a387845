import { cancelledError, PosternError } from '../errors.ts';
import type { CompiledCommand } from '../registry/compiled.ts';
import type { Input, Snapshot, WriteCommand, WriteResult } from '../registry/spec.ts';
import { takeSnapshot } from './snapshot.ts';
import type { World } from './world.ts';

/** Asks before what cannot be undone; without a terminal someone must have said --yes. */
export async function confirmFirst(
  { spec, text }: CompiledCommand,
  input: Input,
  world: World,
): Promise<void> {
  if (world.options.yes) return;
  const snapshot = takeSnapshot(world, world.store);
  const question = await spec.confirm?.(input, snapshot);
  if (question === undefined) return;
  // A rule refuses before anybody is asked; and what turns out to be done already needs no question.
  if (spec.effect === 'write' && !spec.isRecovery?.(input)) await rehearse(spec, input, snapshot);
  if (spec.effect === 'act' && (await spec.rehearse(input, snapshot, world.actPorts)).would === undefined)
    return;
  if (!world.prompter) {
    throw new PosternError({
      code: 'rule.needs_confirmation',
      message: `${question}: pass --yes to confirm (no terminal to ask on)`,
      hint: `postern --yes ${text.trim()}`,
    });
  }
  if (!(await world.prompter.confirm(question))) {
    throw cancelledError();
  }
}

/** What a writing command would answer, of many accounts too. Nothing is changed, and no account kept. */
export async function rehearse(spec: WriteCommand, input: Input, snapshot: Snapshot): Promise<WriteResult> {
  const many = await spec.many?.(input, snapshot);
  if (!many) return spec.run(input, snapshot);
  for await (const _ of many.accounts(snapshot));
  return many.finish(snapshot);
}
