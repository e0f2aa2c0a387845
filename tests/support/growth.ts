/** The most that `measureGrowth` may give where work grows with the size: noise is below it, the square above. */
export const linear = 3.5;

/**
 * How the work for `16 * size` compares with work that grows with the size: about 1 where it does, about 5.7 where it
 * grows with the square; what it costs at any size does not count. By the processor time of this process, which is the
 * worker's own, so that what else the machine does makes little difference; the smallest of several rounds.
 */
export function measureGrowth(work: (size: number) => void, size: number): number {
  const measureUs = (count: number) => {
    const before = process.cpuUsage();
    work(count);
    const { user, system } = process.cpuUsage(before);
    return user + system;
  };
  // V8 compiles in the first rounds.
  for (let round = 0; round < 3; round += 1) work(size);
  let [once, twice, sixteenTimes] = Array<number>(3).fill(Number.POSITIVE_INFINITY) as [
    number,
    number,
    number,
  ];
  let growth = Number.POSITIVE_INFINITY;
  for (let round = 0; round < 8 && growth > 2; round += 1) {
    once = Math.min(once, measureUs(size));
    twice = Math.min(twice, measureUs(2 * size));
    sixteenTimes = Math.min(sixteenTimes, measureUs(16 * size));
    // A step too short to be told from noise counts as one that is not.
    const step = Math.max(twice - once, once / 4, 300);
    growth = (sixteenTimes - once) / (15 * step);
  }
  return growth;
}
