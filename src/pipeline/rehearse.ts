import type { At, WriteCommand, WriteResult } from '../registry/spec.ts';

/** What a writing command would answer, of many accounts too. Nothing is changed, and no account kept. */
export async function rehearse(spec: WriteCommand, input: never, at: At): Promise<WriteResult> {
  const many = await spec.many?.(input, at);
  if (!many) return spec.run(input, at);
  for await (const _ of many.accounts(at));
  return many.finish(at);
}
