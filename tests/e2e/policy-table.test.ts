import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { addresses, type NetworkLab, type SignedIn, startNetworkLab } from '../support/network-lab.ts';
import { inParallel } from '../support/parallel.ts';
import {
  answers,
  type Row,
  type RuleName,
  readRows,
  type Section,
  sections,
  type Verdict,
} from '../support/policy-rows.ts';

type Case = {
  readonly user: string;
  readonly verdict: Verdict;
  readonly row: Row;
  readonly cell: Row['cells'][number];
};

/** Rules that sshd cannot apply by itself: a client that cannot be asked anything meets them as before, if it can talk to PAM. */
const byPam: readonly RuleName[] = ['security_key', 'remembered_address'];
const defaults: Required<Section['settings']> = {
  enabled: 'true',
  'services.ssh': 'true',
  unenrolled: 'allow',
  exempt_groups: '[]',
  exempt_networks: '[]',
  security_keys: 'false',
  remember: '0',
};

describe.each(sections.map((section, index) => ({ ...section, index })))(
  'who is asked where $name',
  (section) => {
    const cases = casesOf(section, section.index);

    // One lab for all: the file's first section starts it.
    beforeAll(async () => {
      const lab = await startedLab();
      const settings = Object.entries({ ...defaults, ...section.settings });
      await lab.ask(`auth two_factor update ${settings.map(([key, value]) => `${key}=${value}`).join(' ')}`);
      const known = cases.filter(({ row }) => row.knownAt !== undefined);
      await inParallel(known, 6, async ({ user, row }) => {
        const first = await lab.signInFrom(user, { from: row.knownAt ?? row.from, by: 'password' });
        expect(first, `${user} at ${row.knownAt}`).toMatchObject({ entered: true, asked: true });
      });
      const explained = await lab.askAll(
        cases.map(
          ({ user, row, cell }) =>
            `auth two_factor explain username=${user} from=${addresses[row.from]} service=ssh by=${cell.by === 'touchless' ? 'key' : cell.by}`,
        ),
      );
      cases.forEach((each, index) => {
        told.set(each, explained[index]);
      });
      const people = [...new Set(cases.map(({ user }) => user))];
      await inParallel(people, 6, async (user) => {
        for (const each of cases.filter((other) => other.user === user))
          met.set(each, await signIn(lab, each));
      });
    });

    const told = new Map<Case, { answer: Verdict; rule: RuleName }>();
    const met = new Map<Case, SignedIn>();

    it.each(
      cases.map((each) => ({ ...each, each, account: each.row.account, from: each.row.from, ...each.cell })),
    )('$account, from $from, by $by: $rule', ({ each, verdict, rule, by }) => {
      expect(told.get(each)).toMatchObject({ answer: verdict, rule });
      const signedIn = met.get(each);
      expect(signedIn?.entered).toBe(verdict !== 'refused');
      // Who is refused is asked like everybody else; from an exempt network nobody is.
      if (verdict !== 'refused') expect(signedIn?.asked).toBe(verdict === 'asked');
      if (verdict !== 'not_asked') return;
      const passwordPrompt = byPam.includes(rule) ? 'Password: ' : expect.stringMatching(/'s password: $/);
      expect(signedIn?.prompts).toEqual(by === 'password' ? [passwordPrompt] : []);
    });
  },
);

describe('the table', () => {
  it('has 200 cases and more, with every rule among them', () => {
    const all = sections.flatMap((section, index) => casesOf(section, index));
    expect(all.length).toBeGreaterThanOrEqual(200);
    expect(new Set(all.map(({ cell }) => cell.rule))).toEqual(
      new Set([...Object.keys(answers), 'no_device']),
    );
  });
});

afterAll(async () => void (await starting)?.stop());

let starting: Promise<NetworkLab> | undefined;

/** The lab with every account of every section, whose codes are off. */
function startedLab(): Promise<NetworkLab> {
  starting ??= (async () => {
    const lab = await startNetworkLab();
    await lab.ask('auth two_factor update window=10');
    await lab.enrol('root');
    const rows = new Map(
      sections.flatMap((section, index) => casesOf(section, index)).map(({ user, row }) => [user, row]),
    );
    await lab.addAccounts(Array.from(rows, ([name, row]) => ({ name, ...row })));
    await lab.askAll(
      Array.from(rows).flatMap(([name, { enrolled, exempt, locked }]) => [
        ...(enrolled || !(exempt || locked) ? [] : [`account user create ${name}`]),
        ...(exempt ? [`account user update ${name} exempt=true`] : []),
        ...(locked ? [`account user update ${name} locked=true`] : []),
      ]),
    );
    const damaged = Array.from(rows).flatMap(([name, row]) => (row.damaged ? name : []));
    await lab.machine.sh(
      `cd /var/lib/postern/accounts; for n in ${damaged.join(' ')}; do for f in $n.json*; do echo '{' > $f; done; done`,
    );
    return lab;
  })();
  return starting;
}

/** A line has an account of its own, and where codes are remembered a cell has. */
function casesOf(section: Section, index: number): readonly Case[] {
  return readRows(section).flatMap((row, line) =>
    row.cells.map((cell, column) => ({
      user: `u${index}x${line}${'remember' in section.settings ? `x${column}` : ''}`,
      verdict: verdictOf(section, cell.rule),
      row,
      cell,
    })),
  );
}

function verdictOf({ settings }: Section, rule: RuleName): Verdict {
  if (rule !== 'no_device') return answers[rule];
  return settings.unenrolled === 'deny' ? 'refused' : 'not_asked';
}

function signIn(lab: NetworkLab, { user, row, verdict, cell: { by, rule } }: Case): Promise<SignedIn> {
  // A program that cannot ask, wherever it could sign in before.
  const batch = by !== 'password' && verdict === 'not_asked' && !byPam.includes(rule);
  const code = row.enrolled ? {} : { code: '000000' };
  return lab.signInFrom(user, { from: row.from, by, batch, ...code });
}
