import { describe, expect, it } from 'vitest';
import { PosternError } from '../../src/errors.ts';
import type { Json } from '../../src/output/view.ts';
import { editInput, fillInput } from '../../src/pipeline/input/fill.ts';
import type { World } from '../../src/pipeline/world.ts';
import { compileLine } from '../../src/registry/compile.ts';
import type { CompiledCommand } from '../../src/registry/compiled.ts';
import { redactCommand } from '../../src/registry/redact.ts';
import { createFakeWorld } from '../support/fake-world.ts';
import { createFakePrompter } from '../support/shell-fakes.ts';

function compile(line: string, world: World): CompiledCommand {
  const compiled = compileLine(line, [], world.registry);
  if (compiled.kind !== 'command') throw new Error(`${line} is ${compiled.kind}`);
  return compiled;
}

async function codeOf(work: Promise<unknown>): Promise<string> {
  const error = await work.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  return error instanceof PosternError ? error.code : `no error: ${String(error)}`;
}

describe('what a line leaves open', () => {
  it('is an error where nobody can be asked', async () => {
    const world = createFakeWorld();
    expect(await codeOf(fillInput(compile('account user unlock', world), world))).toBe(
      'bind.missing_parameter',
    );
  });

  it('is asked for, and a wrong answer is explained and asked again', async () => {
    const prompter = createFakePrompter(['', 'ann']);
    const world = createFakeWorld({ prompter });
    const input: Json = await fillInput(compile('account user unlock', world), world);
    expect(input).toMatchObject({ username: 'ann' });
    expect(prompter.refused).toEqual(['a value is needed here']);
  });

  it('is asked for without showing it where it is secret', async () => {
    const prompter = createFakePrompter(['123456']);
    const world = createFakeWorld({ prompter });
    await fillInput(compile('account user verify_twofactor_token username=root', world), world);
    expect(prompter.asked.map(({ hidden }) => hidden)).toEqual([true]);
  });

  it('is asked for twice where it is a new password', async () => {
    const prompter = createFakePrompter(['correct horse', 'correct house', 'correct horse']);
    const world = createFakeWorld({ prompter });
    const input: Json = await fillInput(compile('account user set_password username=root', world), world);
    expect(input).toMatchObject({ password: 'correct horse' });
    expect(prompter.refused).toEqual(['the two do not match']);
  });
});

describe('a value that is -', () => {
  const line = 'account user verify_twofactor_token username=root token=-';

  it('is a line of standard input', async () => {
    const world = createFakeWorld({ readInputLine: () => '012345' });
    expect(await fillInput(compile(line, world), world)).toMatchObject({ token: '012345' });
  });

  it.each([undefined, ''])('cannot be %j', async (typed) => {
    const world = createFakeWorld({ readInputLine: () => typed });
    expect(await codeOf(fillInput(compile(line, world), world))).toBe('bind.empty_input');
  });

  it('is asked for where somebody sits', async () => {
    const world = createFakeWorld({ prompter: createFakePrompter(['654321']) });
    expect(await fillInput(compile(line, world), world)).toMatchObject({ token: '654321' });
  });
});

describe('-- at the end', () => {
  const line = 'auth two_factor update --';

  it('needs somebody to ask', async () => {
    const world = createFakeWorld();
    expect(await codeOf(editInput(compile(line, world), world))).toBe('usage.needs_terminal');
  });

  it('asks for every key with its bounds, from what it stands at; Enter keeps that', async () => {
    const prompter = createFakePrompter(['', 'true', '11', '2', ...Array(11).fill('')]);
    const world = createFakeWorld({ prompter });
    const compiled = compile(line, world);
    const input: Record<string, Json> = await editInput(compiled, world);
    expect(input).toEqual({ services: { ssh: true }, window: 2, force: false });
    expect(prompter.refused).toEqual(['expected a whole number from 0 to 10 (steps)']);
    const window = prompter.asked.find(({ message }) => message.startsWith('window'));
    expect(window).toMatchObject({ message: 'window (a whole number from 0 to 10 (steps))', initial: '1' });
    expect(redactCommand(compiled, input)).toBe('auth two_factor update services.ssh=true window=2');
  });

  it('is no change when nothing is changed', async () => {
    const world = createFakeWorld({ prompter: createFakePrompter(Array(14).fill('')) });
    expect(await editInput(compile(line, world), world)).toMatchObject({ enabled: false, window: 1 });
  });
});

it.each(['--', '-- edit'])('a dry run asks nothing: %s', async (end) => {
  const prompter = createFakePrompter([]);
  const world = createFakeWorld({ dryRun: true, prompter });
  const answer = editInput(compile(`auth two_factor update window=3 ${end}`, world), world);
  expect(await codeOf(answer)).toBe('usage.dry_run_asks');
});

describe('-- edit at the end', () => {
  const line = 'auth two_factor update window=3 -- edit';

  /** Edits with each of these in turn; what was offered each time. */
  async function edit(edits: readonly ((offered: string) => string | undefined)[], changed = line) {
    const offered: string[] = [];
    const left = [...edits];
    const prompter = {
      ...createFakePrompter([]),
      edit: async (text: string) => {
        offered.push(text);
        return left.shift()?.(text);
      },
    };
    const world = createFakeWorld({ prompter });
    const compiled = compile(changed, world);
    return { offered, input: editInput(compiled, world) as Promise<Record<string, Json>> };
  }

  it('offers every key, what was typed to be used, the rest to be read', async () => {
    const { offered, input } = await edit([(text) => text.replace('window: 3', 'window: 4')]);
    expect(await input).toEqual({ window: 4, force: false });
    expect(offered[0]).toContain('#enabled: false');
    expect(offered[0]).toContain('\nwindow: 3\n');
    expect(offered[0]).toContain('# how many steps early or late');
  });

  it('takes a value as the key has it, whatever YAML makes of it', async () => {
    const { input } = await edit([() => 'issuer: 0123\nenabled: on\nservices:\n  ssh: no\n']);
    expect(await input).toEqual({ issuer: '0123', enabled: true, services: { ssh: false }, force: false });
  });

  it('opens again with each error above its line, and without it once it is mended', async () => {
    const { offered, input } = await edit([
      () => 'window: 99\nissuer: nas\nwindwo: 1\n',
      (text) => text.replace('99', '2').replace('windwo: 1\n', ''),
    ]);
    expect(await input).toMatchObject({ window: 2, issuer: 'nas' });
    expect(offered[1]).toBe(
      '#! window: expected a whole number from 0 to 10 (steps)\nwindow: 99\nissuer: nas\n#! there is no key windwo; is it window?\nwindwo: 1\n',
    );
  });

  it('says where it is not YAML', async () => {
    const { offered, input } = await edit([() => 'window: 2\nissuer: "nas\n', () => undefined]);
    expect(await codeOf(input)).toBe('cancelled.by_user');
    expect(offered[1]).toMatch(/#! this is not YAML: /);
  });

  it.each([
    ['nothing saved', () => undefined],
    ['an empty file', () => '\n'],
    ['a file as it was', (text: string) => text],
  ])('changes nothing for %s', async (_what, save) => {
    const { input } = await edit([save]);
    expect(await codeOf(input)).toBe('cancelled.by_user');
  });

  it('changes nothing when an error is left as it is', async () => {
    const { offered, input } = await edit([() => 'window: 99\n', (text) => `${text}\n`.slice(0, -1)]);
    expect(await codeOf(input)).toBe('cancelled.by_user');
    expect(offered).toHaveLength(2);
  });

  it('writes no secret into the file, and asks for it', async () => {
    const { offered, input } = await edit(
      [(text) => text.replace('username:', 'username: root')],
      'account user verify_twofactor_token token=123456 -- edit',
    );
    expect(await input).toMatchObject({ username: 'root', token: '123456' });
    expect(offered[0]).not.toContain('123456');
  });
});
