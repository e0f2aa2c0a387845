import type { World } from '../pipeline/world.ts';
import type { CompletionSources } from '../registry/complete.ts';

/** Names that the store can complete; none where it cannot be read, for completion must never stop anybody. */
export function completionSources({ store }: Pick<World, 'store'>): CompletionSources {
  return {
    accountNames: () => orNone(() => store.accountNames()),
    deviceNames: (username) => orNone(() => store.account(username)?.devices.map(({ name }) => name) ?? []),
  };
}

function orNone(read: () => readonly string[]): readonly string[] {
  try {
    return read();
  } catch {
    return [];
  }
}
