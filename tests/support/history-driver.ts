/** Appends COUNT lines to the history in FOLDER. Usage: history-driver.cjs FOLDER NAME COUNT */
import { openHistoryFile } from '../../src/platform/history-file.ts';

const [folder = '', name = '', count = ''] = process.argv.slice(2);
const file = openHistoryFile(folder);
for (let line = 0; line < Number(count); line += 1) file.append(`${name} ${line} ${'x'.repeat(40)}`);
