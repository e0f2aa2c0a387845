import { type PamAnswer, pamAnswers, readControl } from './control.ts';
import { type Flow, moduleOf } from './stack.ts';

/**
 * What the rules have said so far: nothing, yes, something that is neither success nor failure (an `ok` of an answer
 * that is no success), or no for good.
 */
type Verdict = 'open' | 'yes' | 'spoilt' | 'no';

/** How far a run of a stack has come. */
export type Standing = {
  /** The rule that is next; the stack's length: the run has ended. */
  readonly at: number;
  readonly verdict: Verdict;
  /** The verdict at the beginning of each substack that the rule is in, to which `reset` returns. */
  readonly before: readonly Verdict[];
};

export const start: Standing = { at: 0, verdict: 'open', before: ['open'] };

/** Whether a run that has ended is a success. */
export function hasSucceeded(flow: readonly Flow[], { at, verdict }: Standing): boolean {
  return at >= flow.length && verdict === 'yes';
}

/** What tells one standing from another. */
export function keyOf({ at, verdict, before }: Standing): string {
  return `${at} ${verdict} ${before.join()}`;
}

/** What the module of a rule can answer. */
export function answersOf({ line }: Flow): readonly PamAnswer[] {
  // Not a module: libpam only remembers where the substack begins.
  if (line.control === 'substack') return ['ignore'];
  switch (moduleOf(line)) {
    case 'pam_permit.so':
      return ['success'];
    case 'pam_deny.so':
      return ['auth_err'];
    default:
      return pamAnswers;
  }
}

/** The run one rule on, after its module's answer, as libpam does it (pam.conf(5)). */
export function take(flow: readonly Flow[], standing: Standing, answer: PamAnswer): Standing {
  const { at, verdict, before } = standing;
  const rule = flow[at];
  if (rule === undefined) return standing;
  const { line, depth } = rule;
  if (line.control === 'substack') {
    return { at: at + 1, verdict, before: [...before.slice(0, depth + 1), verdict] };
  }
  const go = (next: number, now: Verdict): Standing => ({ at: next, verdict: now, before });
  const action = readControl(line.control)[answer];
  switch (action) {
    case 'ignore':
      return go(at + 1, verdict);
    case 'reset':
      return go(at + 1, before[depth] ?? 'open');
    case 'bad':
      return go(at + 1, 'no');
    case 'die':
      return go(endOf(flow, at), 'no');
    case 'ok':
      return go(at + 1, agree(verdict, answer));
    case 'done': {
      const now = agree(verdict, answer);
      return go(now === 'no' ? at + 1 : endOf(flow, at), now);
    }
    default: {
      const { next, fits } = jump(flow, at, action);
      return go(next, fits ? verdict : 'no');
    }
  }
}

function agree(verdict: Verdict, answer: PamAnswer): Verdict {
  if (verdict !== 'open' && verdict !== 'yes') return verdict;
  return answer === 'success' ? 'yes' : 'spoilt';
}

/** Where a decision leads: out of the substack that its rule is in, or to the end. */
function endOf(flow: readonly Flow[], at: number): number {
  const depth = flow[at]?.depth ?? 0;
  let next = at + 1;
  while ((flow[next]?.depth ?? -1) >= depth) next++;
  return next;
}

/** A substack counts as one rule, and a jump that would leave the substack it is in fails there. */
function jump(flow: readonly Flow[], at: number, count: number): { next: number; fits: boolean } {
  const depth = flow[at]?.depth ?? 0;
  let next = at + 1;
  let left = count;
  for (; left > 0 && (flow[next]?.depth ?? -1) >= depth; left--) {
    next++;
    while ((flow[next]?.depth ?? -1) > depth) next++;
  }
  return { next, fits: left === 0 };
}
