import type { Finding } from '../../domain/enforcement.ts';
import type { Files } from '../../ports/machine.ts';
import { pamServicePath, readPamArguments } from '../pam/block.ts';
import type { Interpreter, Places, SystemFacts, SystemPorts } from '../types.ts';
import { describeOthers, stepsTo } from './trust.ts';

/** Paths of Node that stay the same over its upgrades, the best first. */
const stablePaths = ['/usr/bin/node', '/usr/bin/nodejs', '/usr/local/bin/node'] as const;

/** The oldest Node that runs Postern: package.json's `engines`. */
const oldest = [18, 19] as const;

/**
 * The Node that runs the helper at each sign-in: the one that runs this program, by a path that holds over its upgrade
 * where there is one. null: this program needs none.
 */
export function findInterpreter(files: Files, program: Places['program']): Interpreter | null {
  const [running, script] = program;
  if (script === undefined) return null;
  const target = files.realPath(running) ?? running;
  const path = stablePaths.find((stable) => files.realPath(stable) === target) ?? running;
  return { path, untrusted: findUntrusted(path, files) };
}

/**
 * Of a Node and of the libraries that this process has loaded with it (Debian's is in libnode.so), the first path
 * that users other than root can change.
 */
function findUntrusted(path: string, files: Files): string | null {
  const steps = [...new Set([path, ...listLoadedCode(files)].flatMap((file) => stepsTo(file, files)))];
  // root's own home folder is root's alone, but what lies there is one person's to upgrade and to remove.
  const isPersonal = (step: string) => step === '/root';
  return steps.find((step) => isPersonal(step) || describeOthers(step, files) !== undefined) ?? null;
}

/** The files that this process runs code of (proc(5)); none where the kernel does not say. */
function listLoadedCode(files: Files): readonly string[] {
  const lines = files.read('/proc/self/maps')?.split('\n') ?? [];
  const paths = lines.map((line) => /^\S+ r-xp \S+ \S+ \d+ +(\/.*)$/.exec(line)?.[1]);
  return [...new Set(paths.filter((path) => path !== undefined))];
}

/** A Node in the PAM file that cannot run the helper: gone, not executable, too old. */
export function findInterpreterFaults(facts: SystemFacts, ports: SystemPorts): Finding[] {
  const { node } = readPamArguments(facts.present[pamServicePath]?.content ?? '');
  if (node === undefined) return [];
  const target = ports.files.realPath(node);
  const fact = target === undefined ? undefined : ports.files.stat(target);
  const install = 'system enforcement install';
  const denied = 'every SSH sign-in that needs a code is denied';
  if (!fact?.isFile || (fact.mode & 0o111) === 0) {
    const fault = fact === undefined ? 'is missing' : 'is not an executable file';
    const message = `${node}, the Node that ${pamServicePath} names, ${fault}: ${denied}`;
    return [{ code: 'interpreter_missing', message, hint: install }];
  }
  const { status, stdout } = ports.runner.run([node, '--version'], { timeoutMs: 10_000 });
  const [, major, minor] = /^v(\d+)\.(\d+)\./.exec(stdout)?.map(Number) ?? [];
  const hint =
    facts.interpreter === null || facts.interpreter.path === node
      ? `install Node ${oldest.join('.')} or newer, then: ${install}`
      : install;
  if (status !== 0 || major === undefined || minor === undefined) {
    const message = `${node}, which ${pamServicePath} names, does not run as Node: ${denied}`;
    return [{ code: 'interpreter_broken', message, hint }];
  }
  if (major > oldest[0] || (major === oldest[0] && minor >= oldest[1])) return [];
  const message = `${node} is Node ${stdout.trim()}, and Postern needs ${oldest.join('.')} or newer: ${denied}`;
  return [{ code: 'interpreter_too_old', message, hint }];
}
