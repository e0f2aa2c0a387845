import { type ClockStatus, describeOffset } from './clock.ts';

/**
 * Reads `chronyc -c tracking` and `chronyc -c sources`. Tracking alone goes on saying "Normal" after the server is
 * gone, so a selected source (`*`) with reach is asked for too; a reference of 7F7F0101 is the machine itself.
 */
export function readChronyReport(tracking: string, sources: string): ClockStatus | null {
  const fields = tracking.trim().split(',');
  const [refId = '', , , , slowBy] = fields;
  const leap = fields[13];
  if (leap === undefined) return null;
  const selected = sources
    .split('\n')
    .map((line) => line.split(','))
    .find(([, state, , , , reach]) => state === '*' && Number.parseInt(reach ?? '0', 8) > 0);
  const offset = readNumber(slowBy, -1);
  if (refId === '7F7F0101') {
    return unsynchronised('chrony', 'chrony follows no server, only this machine itself');
  }
  if (leap === 'Not synchronised') return unsynchronised('chrony', 'chrony has not synchronised the clock');
  if (selected === undefined) {
    return unsynchronised('chrony', 'chrony has lost its servers', { offset_seconds: offset });
  }
  return synchronised('chrony', offset, selected[2] ?? null);
}

/** Reads `ntpq -c rv` and `ntpq -pn`: leap indicator, stratum, a system peer (`*`) with reach; offsets are in ms. */
export function readNtpdReport(variables: string, peers: string): ClockStatus | null {
  const stratum = readVariable(variables, 'stratum');
  if (stratum === undefined) return null;
  const offset = readNumber(readVariable(variables, 'offset'), -0.001);
  const peer = peers
    .split('\n')
    .filter((line) => line.startsWith('*'))
    .map((line) => line.slice(1).trim().split(/\s+/))
    .find((columns) => Number.parseInt(columns[6] ?? '0', 8) > 0);
  const leap = readVariable(variables, 'leap');
  if (leap === '11' || leap === 'leap_alarm' || Number(stratum) >= 16) {
    return unsynchronised('ntpd', 'ntpd has not synchronised the clock');
  }
  if (peer === undefined)
    return unsynchronised('ntpd', 'ntpd has lost its servers', { offset_seconds: offset });
  if (/^(\.LOCL\.|127\.127\.1\.\d+)$/.test(peer[0] ?? '')) {
    return unsynchronised('ntpd', 'ntpd follows no server, only this machine itself');
  }
  return synchronised('ntpd', offset, peer[0] ?? null);
}

/** Reads `timedatectl timesync-status` and whether systemd-timesyncd has synchronised since the boot. */
export function readTimesyncReport(status: string, synchronisedSinceBoot: boolean): ClockStatus {
  const offset = readDuration(/^\s*Offset:\s*(\S+)$/m.exec(status)?.[1]);
  const server = /^\s*Server:\s*(\S+)(?:\s+\((\S+)\))?/m.exec(status);
  if (!synchronisedSinceBoot) {
    return unsynchronised(
      'systemd-timesyncd',
      'systemd-timesyncd has not synchronised the clock since the boot',
    );
  }
  return synchronised('systemd-timesyncd', offset, server?.[2] ?? server?.[1] ?? null);
}

/** Reads `adjtimex -p`: TIME_ERROR (5) or STA_UNSYNC (0x40) is unsynchronised (adjtimex(2)). */
export function readKernelReport(report: string): ClockStatus | null {
  const status = /^\s*status:\s*(\d+)/m.exec(report)?.[1];
  const state = /return value\s*=\s*(\d+)/.exec(report)?.[1];
  if (status === undefined || state === undefined) return null;
  return Number(state) === 5 || (Number(status) & 0x40) !== 0
    ? unsynchronised('kernel', 'the kernel says that nothing keeps its clock')
    : synchronised('kernel', null, null);
}

/** Nothing here knows how right the clock is. */
export const unknownClock: ClockStatus = {
  synchronised: null,
  by: null,
  offset_seconds: null,
  source: null,
  detail: 'no time service (chrony, systemd-timesyncd, ntpd) answers here, and the kernel cannot be asked',
};

function synchronised(
  by: NonNullable<ClockStatus['by']>,
  offset: number | null,
  source: string | null,
): ClockStatus {
  const whose = source === null ? '' : ` from ${source}`;
  const how = offset === null ? '' : `; it is ${describeOffset(offset)}`;
  const detail =
    by === 'kernel' ? 'the kernel says that its clock is kept' : `${by} keeps the clock${whose}${how}`;
  return { synchronised: true, by, offset_seconds: offset, source, detail };
}

function unsynchronised(
  by: NonNullable<ClockStatus['by']>,
  detail: string,
  more: { readonly offset_seconds?: number | null } = {},
): ClockStatus {
  return { synchronised: false, by, offset_seconds: more.offset_seconds ?? null, source: null, detail };
}

function readVariable(text: string, name: string): string | undefined {
  return new RegExp(`(?:^|[\\s,])${name}=([^,\\s]+)`).exec(text)?.[1];
}

/** A number times `factor`, without negative zero; null where it is none. */
function readNumber(text: string | undefined, factor: number): number | null {
  const value = Number(text ?? Number.NaN);
  return Number.isFinite(value) ? value * factor + 0 : null;
}

/** systemd's "+1.234ms", "-1.5s": how far the server is ahead of this clock. */
function readDuration(text: string | undefined): number | null {
  const [, sign, amount, unit] = /^([+-]?)([\d.]+)(us|ms|s|min|h)$/.exec(text ?? '') ?? [];
  if (amount === undefined || unit === undefined) return null;
  const seconds = { us: 1e-6, ms: 1e-3, s: 1, min: 60, h: 3600 }[unit] ?? 1;
  return Number(amount) * seconds * (sign === '-' ? 1 : -1) + 0;
}
