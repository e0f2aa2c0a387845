/** What is known about this machine's clock; the data of `system clock`. */
export type ClockStatus = {
  /** null: nothing here can tell. */
  readonly synchronised: boolean | null;
  /** Who keeps the clock, or who was asked. */
  readonly by: 'chrony' | 'systemd-timesyncd' | 'ntpd' | 'kernel' | 'server' | null;
  /** Seconds this clock is ahead of true time (negative: behind); null: not measured. */
  readonly offset_seconds: number | null;
  /** The time server followed or asked. */
  readonly source: string | null;
  /** One sentence for a person. */
  readonly detail: string;
};

/** `wrong`: codes would be refused; `unjudged`: nobody can tell, a warning; `right`: codes will be accepted. */
export type ClockJudgement = {
  readonly verdict: 'right' | 'unjudged' | 'wrong';
  /** One sentence, no full stop, lower case: fit for an error's message or a warning. */
  readonly reason: string;
};

/** Seconds by which an accepted code may be off: (window + 1/2) x interval. */
export function allowedDriftSeconds({
  window,
  interval,
}: {
  readonly window: number;
  readonly interval: number;
}): number {
  return (window + 0.5) * interval;
}

/** Judges a clock against `allowedDriftSeconds`. */
export function judgeClock(status: ClockStatus, allowedSeconds: number): ClockJudgement {
  const offset = status.offset_seconds;
  if (offset !== null && Math.abs(offset) > allowedSeconds) {
    return {
      verdict: 'wrong',
      reason: `the clock is ${describeOffset(offset)}, and codes are accepted up to ${allowedSeconds} s off`,
    };
  }
  if (status.synchronised === true) return { verdict: 'right', reason: 'the clock is synchronised' };
  if (offset !== null && status.by === 'server') {
    return { verdict: 'right', reason: `the clock is ${describeOffset(offset)}` };
  }
  return {
    verdict: 'unjudged',
    reason:
      status.synchronised === false
        ? 'the clock is not synchronised, and how far off it is cannot be checked'
        : 'no time service runs, so the clock cannot be checked',
  };
}

/** An offset in words: "90 s ahead", "0.004 s behind". */
export function describeOffset(offsetSeconds: number): string {
  const size = Math.abs(offsetSeconds);
  const amount = size >= 10 ? size.toFixed(0) : size.toFixed(3);
  return `${amount} s ${offsetSeconds < 0 ? 'behind' : 'ahead'}`;
}
