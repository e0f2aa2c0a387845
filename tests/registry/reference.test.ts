import { describe, expect, test } from 'vitest';
import { describeProgram } from '../../src/program.ts';
import { renderReference } from '../../src/registry/reference.ts';
import { sampleCommands, sampleRegistry } from './sample-registry.ts';

const { options, modes } = describeProgram();
const markdown = renderReference(sampleRegistry, options, 'markdown');

describe('the Markdown', () => {
  test('has each command once, with usage, parameters and examples', () => {
    for (const { path } of sampleCommands)
      expect(markdown.split(`\n#### \`${path.join(' ')}\`\n`)).toHaveLength(2);
    expect(markdown).toContain('- `window=0..10`: steps in which a code is accepted (steps)');
    expect(markdown).toContain('```\nauth two_factor update enabled=false\n```');
    expect(markdown).toContain('Aliases: auth two\\_factor verify.');
  });
});

test('names every option and mode of the process, in the words of its help', () => {
  for (const { label, brief } of options)
    expect(markdown.toLowerCase()).toContain(
      `- \`${label}\`: ${brief}`.slice(0, label.length + 16).toLowerCase(),
    );
  expect(markdown).toContain('- `--qr MODE`: How QR codes are drawn: auto, half, column, wide');
  for (const { names } of modes) expect(markdown).toContain(`\npostern ${names[0]}`);
});
