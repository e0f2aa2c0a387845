/** Holds kernel messages by the file of its argument, says `held`, releases at a line of input, and says `released`. */
import { holdKernelMessages } from '../../src/platform/kernel-messages.ts';

const release = holdKernelMessages(process.argv[2]!);
process.stdout.write('held\n');
process.stdin.once('data', (line) => {
  if (String(line) === 'exit\n') return process.exit();
  release();
  process.stdout.write('released\n');
  process.stdin.once('data', () => process.stdin.destroy());
});
