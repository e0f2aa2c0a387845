import { PosternError } from '../../errors.ts';
import type { SystemFacts } from '../types.ts';
import { sshdDropInPath } from './paths.ts';
import { readSufficientMethods } from './values.ts';

/**
 * Refuses a configuration of sshd beside which codes could not be asked of everybody, or would open a way in that is
 * shut now. Error: `apply.sshd_values`, which names the line.
 */
export function refuseSshdConfig({ sshdInstalled, sshdScan, usesPam }: SystemFacts): void {
  if (!sshdInstalled) return;
  const { includesDropIn, lines } = sshdScan;
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

function refuse(message: string, hint: string): never {
  throw new PosternError({ code: 'apply.sshd_values', message, hint });
}

/** What puts a line behind Postern's file: another name for the file it stands in, where that decides. */
function moveBehind(at: string): string {
  const path = at.replace(/:\d+$/, '');
  const [, directory = '', name = ''] = /^(.*\/)([^/]+)$/.exec(path) ?? [];
  if (directory !== '/etc/ssh/sshd_config.d/') return `have sshd read it after ${sshdDropInPath}`;
  return `mv ${path} ${directory}10-${name.replace(/^\d+-/, '')}`;
}
