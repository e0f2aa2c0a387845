import { PosternError } from '../../errors.ts';
import type { SystemFacts } from '../types.ts';
import { type Asked, writeCriteria } from './asked.ts';
import { sshdDropInPath } from './paths.ts';
import { readSufficientMethods } from './values.ts';

/**
 * Refuses a configuration of sshd beside which codes could not be asked of those who are to be asked, or would open a
 * way in that is shut now. A Match block about nobody of them is none of its business. Error: `apply.sshd_values`, which
 * names the line.
 */
export function refuseSshdConfig({ sshdInstalled, sshdScan, usesPam }: SystemFacts, asked: Asked): void {
  if (!sshdInstalled) return;
  const { includesDropIn, matches, lines } = sshdScan;
  if (!includesDropIn) {
    refuse(
      '/etc/ssh/sshd_config has no line `Include /etc/ssh/sshd_config.d/*.conf` outside its Match blocks',
      'put that line at the beginning of the file',
    );
  }
  if (!usesPam) {
    const at = lines.find(({ keyword, value }) => keyword === 'usepam' && value === 'no')?.at;
    refuse(
      `sshd does not use PAM, which asks for the code ('UsePAM no', ${at ?? 'its default'}); with PAM, accounts that passwd -l locked can sign in by key`,
      "look at 'passwd -Sa', then write UsePAM yes there",
    );
  }
  for (const { at, keyword, value, match, ahead } of lines) {
    if (match !== null && writeCriteria(asked, matches[match]) === null) continue;
    if (keyword === 'authenticationmethods' && readSufficientMethods(value) === undefined) {
      refuse(
        `'AuthenticationMethods ${value}' (${at}) cannot be combined with codes`,
        'remove that line, or write: AuthenticationMethods publickey',
      );
    }
    const outranks = ['authenticationmethods', 'permitrootlogin'].includes(keyword) || value === 'no';
    if (ahead && match !== null && outranks && keyword !== 'passwordauthentication') {
      refuse(
        `'${keyword} ${value}' in a Match block (${at}) comes before Postern's file and takes precedence`,
        moveBehind(at),
      );
    }
  }
}

/** Lines by which a key was to be enough for people who are asked all the same: a sentence each. */
export function listVainExemptions({ sshdScan }: SystemFacts, asked: Asked): readonly string[] {
  return sshdScan.lines.flatMap(({ at, keyword, value, match }) => {
    if (keyword !== 'authenticationmethods' || match === null || value !== 'publickey') return [];
    const criteria = writeCriteria(asked, sshdScan.matches[match]);
    const names = criteria === null ? undefined : /^User ([^ ]+)$/.exec(criteria)?.[1];
    const isPlain = names !== undefined && names !== '*';
    return isPlain
      ? [
          `'AuthenticationMethods publickey' (${at}) does not exempt ${names.replaceAll(',', ', ')} from codes`,
        ]
      : [];
  });
}

function refuse(message: string, hint: string): never {
  throw new PosternError({ code: 'apply.sshd_values', message, hint });
}

/** What puts a line behind Postern's file: another name for the file it is in, where that decides. */
function moveBehind(at: string): string {
  const path = at.replace(/:\d+$/, '');
  const [, directory = '', name = ''] = /^(.*\/)([^/]+)$/.exec(path) ?? [];
  if (directory !== '/etc/ssh/sshd_config.d/') return `have sshd read it after ${sshdDropInPath}`;
  return `mv ${path} ${directory}10-${name.replace(/^\d+-/, '')}`;
}
