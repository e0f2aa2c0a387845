import { errorMessage, PosternError } from '../../errors.ts';
import type { FilesRehearsal, SystemReport } from '../../ports/appliance.ts';
import type { AccountReader } from '../../ports/store.ts';
import { pamServicePath } from '../pam/block.ts';
import { runDirectory } from '../switch/file.ts';
import { throwSwitchOff } from '../switch/switch.ts';
import { disarmTimer } from '../switch/timer.ts';
import { forgetAlerts } from '../watch/state.ts';
import { applyAsFarAsItGoes } from './apply.ts';
import { finishInterrupted, readable, runsModule, type Site, systemFactsOf } from './context.ts';
import { closeJournal } from './journal.ts';
import { planRemoval } from './plan.ts';
import { rehearseFiles } from './rehearsal.ts';

/** What `removeAll` would do to files. Changes nothing. */
export function rehearseRemoval(site: Site, accounts: AccountReader): FilesRehearsal {
  return rehearseFiles(site, planRemoval(systemFactsOf(site, readable(accounts))));
}

/**
 * Leaves no trace of Postern in sshd, PAM and systemd, as far as the machine lets it; each step that fails is a warning.
 * Error: `apply.left_over`, where the block in PAM has to stay; it then asks nobody for a code.
 */
export function removeAll(site: Site, accounts: AccountReader): SystemReport {
  const { ports, places } = site;
  const warnings: string[] = [];
  const attempt = (step: () => void) => {
    try {
      step();
    } catch (error) {
      warnings.push(errorMessage(error));
    }
  };
  attempt(() => warnings.push(...finishInterrupted(site)));
  const report = applyAsFarAsItGoes(planRemoval(systemFactsOf(site, readable(accounts))), ports);
  warnings.push(...report.warnings);
  // A note that could not be acted on now would put its files back later.
  attempt(() => closeJournal(ports, places.stateDirectory));
  attempt(() => disarmTimer(ports, places));
  if (runsModule(ports)) {
    attempt(() => warnings.push(...throwSwitchOff(ports, places.stateDirectory).warnings));
    throw new PosternError({
      code: 'apply.left_over',
      message: `Postern could not be removed completely: ${pamServicePath} still runs pam_postern.so, with codes off: ${warnings.join('; ')}`,
      hint: 'system enforcement remove',
    });
  }
  attempt(() => forgetAlerts(ports));
  // Fails where someone else keeps something in it.
  ports.runner.run(['rmdir', runDirectory]);
  return { ...report, warnings };
}
