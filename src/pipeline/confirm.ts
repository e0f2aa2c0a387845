import { PosternError } from '../errors.ts';
import type { CompiledCommand } from '../registry/compiled.ts';
import { rehearse } from './rehearse.ts';
import { takeSnapshot } from './snapshot.ts';
import type { World } from './world.ts';

/** Asks before what cannot be undone; without a terminal somebody must have said --yes. */
export async function confirmFirst(
  { spec, text }: CompiledCommand,
  input: never,
  world: World,
): Promise<void> {
  if (world.options.yes) return;
  const at = takeSnapshot(world, world.store);
  const question = await spec.confirm?.(input, at);
  if (question === undefined) return;
  // A rule refuses before anybody is asked; and what turns out to be done already needs no question.
  if (spec.effect === 'write' && !spec.isRecovery?.(input)) await rehearse(spec, input, at);
  if (spec.effect === 'act' && (await spec.rehearse(input, at, world.actPorts)).would === undefined) return;
  if (!world.prompter) {
    throw new PosternError({
      code: 'rule.needs_confirmation',
      message: `${question}: pass --yes to confirm (no terminal to ask on)`,
      hint: `postern --yes ${text.trim()}`,
    });
  }
  if (!(await world.prompter.confirm(question))) {
    throw new PosternError({ code: 'cancelled.by_user', message: 'cancelled: nothing was changed' });
  }
}
