import { defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

const root = new URL('..', import.meta.url).pathname;

/** Files that take minutes, longest first: started last, one of them would leave the other worker idle. */
const longest = [
  'e2e/pam-replay',
  'e2e/verify-at-once',
  'e2e/systemd-appliance',
  'e2e/pam-faults',
  'e2e/store-kill',
  'e2e/apply-kill',
  'e2e/appliance-life',
  'e2e/appliance-recovery',
  'language/robustness',
];

class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const placeOf = ({ moduleId }: TestSpecification) => {
      const place = longest.findIndex((name) => moduleId.endsWith(`/tests/${name}.test.ts`));
      return place < 0 ? longest.length : place;
    };
    return (await super.sort(files)).sort((a, b) => placeOf(a) - placeOf(b));
  }
}

export default defineConfig({
  test: {
    sequence: { sequencer: LongestFirst },
    projects: [
      {
        test: {
          name: 'unit',
          sequence: { groupOrder: 0 },
          root,
          include: ['tests/**/*.test.ts'],
          exclude: ['tests/e2e/**', 'tests/fuzz/**'],
          // A process each, so that a test can read the processor time of its own work.
          pool: 'forks',
          isolate: false,
          maxWorkers: 2,
          testTimeout: 120_000,
        },
      },
      {
        test: {
          name: 'e2e',
          // After the unit tests: what is simple is told first.
          sequence: { groupOrder: 1 },
          root,
          include: ['tests/e2e/**/*.test.ts', 'tests/fuzz/**/*.test.ts'],
          pool: 'threads',
          maxWorkers: 2,
          testTimeout: 300_000,
          hookTimeout: 300_000,
        },
      },
    ],
  },
});
