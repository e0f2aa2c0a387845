import type { World } from '../pipeline/world.ts';
import { describeProgram } from '../program.ts';
import { completeWords } from '../registry/complete-words.ts';
import { completionSources } from './completion-sources.ts';

/** What a shell's completion script reads: an answer a line. */
export function answerCompletion(words: readonly string[], world: World): string {
  return completeWords(words, world.registry, describeProgram(), completionSources(world))
    .map((line) => `${line}\n`)
    .join('');
}
