import { runDirectory } from '../switch/file.ts';

/** The last alert of this boot, so that none is given twice. */
export const alertPath = `${runDirectory}/alert`;

/** What is told where a program of Postern's could not do its work. */
export type Complaint = {
  /** A file that is there while it has been told. */
  readonly mark: string;
  readonly text: string;
  /** Nothing is told while this file is there; none: it always is. */
  readonly unless?: string;
};

/** Words that run `program`, and tell the system log, once, that it failed: a Node that is gone cannot say so itself. */
export function guard(program: readonly string[], { mark, text, unless }: Complaint): readonly string[] {
  const conditions = [mark, ...(unless === undefined ? [] : [unless])].map((path) => `[ ! -e ${path} ]`);
  const script = [
    'if "$0" "$@"',
    `then rm -f ${mark}`,
    `elif ${conditions.join(' && ')}`,
    `then mkdir -p ${runDirectory}`,
    `: > ${mark}`,
    `logger -p auth.alert -t postern "${text}"`,
    'fi',
  ];
  return ['/bin/sh', '-c', script.join('; '), ...program];
}
