/**
 * Shows one QR code the way an enrolment does: asks the terminal, plans, draws, prompts. Then it takes a line of
 * input; `clear` clears. What it knew and did goes to the file in REPORT, as JSON.
 *
 * Usage: qr-driver.cjs MODE URI [ask] [invert] [hold] [early]; `early` has a line editor before it asks.
 */
import { renameSync, writeFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { runner } from '../../src/platform/runner.ts';
import { canMoveCursor } from '../../src/platform/shell-io.ts';
import { openTerminal } from '../../src/platform/terminal.ts';
import { correctFacts, guessTerminalFacts } from '../../src/qr/facts.ts';
import type { QrRequest } from '../../src/qr/fit.ts';
import { planQr } from '../../src/qr/plan.ts';

const prompt = 'ready> ';

async function main(): Promise<void> {
  const [requested, text, ...flags] = process.argv.slice(2) as [QrRequest, string, ...string[]];
  const { stdin: input, stdout: output, env: environment } = process;
  const terminal = openTerminal({ input, output, environment, noColor: false, runner });
  const early = flags.includes('early') ? createInterface({ input, output, prompt }) : undefined;
  const startedMs = Date.now();
  const answers = flags.includes('ask') ? await terminal.ask() : {};
  const askedMs = Date.now() - startedMs;
  const guessed = guessTerminalFacts(environment, {
    isTty: terminal.isTty,
    movesCursor: canMoveCursor(environment),
    ...terminal.size(),
  });
  const facts = correctFacts(guessed, answers);
  const plan = planQr({
    text,
    requested,
    invert: flags.includes('invert') || undefined,
    terminal: facts,
    reservedRows: 1,
  });
  const release = flags.includes('hold') ? terminal.holdKernelMessages() : () => {};
  const lines = plan.mode === 'none' ? [`no QR code: ${plan.reason}`, text] : plan.drawing.lines;
  terminal.write(lines.map((line) => `${line}\n`).join(''));
  const report = { mode: plan.mode, reason: plan.reason, facts, askedMs, raw: input.isRaw === true };
  writeReport(report);
  const editor = early ?? createInterface({ input, output, prompt });
  editor.prompt();
  editor.on('line', (line) => {
    if (line === 'clear') terminal.clearScreenAndScrollback();
    writeReport({ ...report, line });
    editor.prompt();
  });
  editor.on('close', release);
}

function writeReport(report: object): void {
  const path = process.env.REPORT;
  if (path === undefined) return;
  writeFileSync(`${path}.new`, JSON.stringify(report));
  renameSync(`${path}.new`, path);
}

main().catch((error: unknown) => {
  writeReport({
    error: (error as { code?: string }).code ?? String(error),
    raw: process.stdin.isRaw === true,
  });
  process.exitCode = 1;
});
