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
    return unsynchronised('chrony', "chrony follows no server, only this machine's own clock");
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
  const peer = peers
    .split('\n')
    .filter((line) => line.startsWith('*'))
    .map((line) => line.slice(1).trim().split(/\s+/))
    .find((columns) => Number.parseInt(columns[6] ?? '0', 8) > 0);
  const leap = readVariable(variables, 'leap');
  if (leap === '11' || leap === 'leap_alarm' || Number(stratum) >= 16) {
    // Its own offset stays 0 until it has set the clock once; the peer's is a measurement.
    const measured = readNumber(peer?.[8], -0.001);
    return unsynchronised('ntpd', 'ntpd has not synchronised the clock', { offset_seconds: measured });
  }
  const offset = readNumber(readVariable(variables, 'offset'), -0.001);
  if (peer === undefined)
    return unsynchronised('ntpd', 'ntpd has lost its servers', { offset_seconds: offset });
  if (/^(\.LOCL\.|127\.127\.1\.\d+)$/.test(peer[0] ?? '')) {
    return unsynchronised('ntpd', "ntpd follows no server, only this machine's own clock");
  }
  return synchronised('ntpd', offset, peer[0] ?? null);
}

/** What systemd says of its time service. */
export type TimesyncReport = {
  /** `timedatectl timesync-status`. */
  readonly status: string;
  /** Whether systemd-timesyncd has synchronised since the boot. */
  readonly synchronisedSinceBoot: boolean;
  /** The kernel's own flag; null: unknown. It goes out when the clock could not be set, or not for hours. */
  readonly kernelSaysKept: boolean | null;
};

/** From this on systemd-timesyncd sets the clock at once, so that what it measured before is over (seconds). */
const timesyncStepSeconds = 0.4;

/** Reads what systemd-timesyncd says: `timesync-status` shows its last measurement, made before it set the clock. */
export function readTimesyncReport(report: TimesyncReport): ClockStatus {
  const by = 'systemd-timesyncd';
  if (!report.synchronisedSinceBoot) {
    return unsynchronised(by, `${by} has not synchronised the clock since boot`);
  }
  const offset = readTimeSpan(/^\s*Offset:\s*(.+?)\s*$/m.exec(report.status)?.[1]);
  if (report.kernelSaysKept === false) {
    const how = offset === null ? '' : `; by its last measurement it is ${describeOffset(offset)}`;
    return unsynchronised(by, `${by} does not keep the clock${how}`, { offset_seconds: offset });
  }
  const server = /^\s*Server:\s*(\S+)(?:\s+\((\S+)\))?/m.exec(report.status);
  const hasStepped = offset !== null && Math.abs(offset) >= timesyncStepSeconds;
  return synchronised(by, hasStepped ? null : offset, server?.[2] ?? server?.[1] ?? null);
}

/** Reads `adjtimex -p`: TIME_ERROR (5) or STA_UNSYNC (0x40) is unsynchronised (adjtimex(2)). */
export function readKernelReport(report: string): ClockStatus | null {
  const status = /^\s*status:\s*(\d+)/m.exec(report)?.[1];
  const state = /return value\s*=\s*(\d+)/.exec(report)?.[1];
  if (status === undefined || state === undefined) return null;
  return Number(state) === 5 || (Number(status) & 0x40) !== 0
    ? unsynchronised('kernel', 'the kernel reports that its clock is not synchronised')
    : synchronised('kernel', null, null);
}

/** Nothing here knows how right the clock is. */
export const unknownClock: ClockStatus = {
  synchronised: null,
  by: null,
  offset_seconds: null,
  source: null,
  detail: 'no time service (chrony, systemd-timesyncd, ntpd) answers, and the kernel cannot be asked',
};

function synchronised(
  by: NonNullable<ClockStatus['by']>,
  offset: number | null,
  source: string | null,
): ClockStatus {
  const whose = source === null ? '' : ` from ${source}`;
  const how = offset === null ? '' : `; it is ${describeOffset(offset)}`;
  const detail =
    by === 'kernel'
      ? 'the kernel reports that its clock is synchronised'
      : `${by} keeps the clock${whose}${how}`;
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

const spanSeconds: Readonly<Record<string, number>> = {
  y: 31_557_600,
  month: 2_629_800,
  w: 604_800,
  d: 86_400,
  h: 3600,
  min: 60,
  s: 1,
  ms: 1e-3,
  us: 1e-6,
};

/** systemd's "+1.234ms", "-1min 30.5s" (systemd.time(7)), how far the server is ahead, as seconds this clock is ahead. */
function readTimeSpan(text: string | undefined): number | null {
  const [, sign, span = ''] = /^([+-]?)((?:[\d.]+[a-z]+ ?)+)$/.exec(text ?? '') ?? [];
  const parts = [...span.matchAll(/([\d.]+)([a-z]+)/g)];
  if (parts.length === 0) return null;
  const seconds = parts.reduce(
    (sum, [, amount, unit = '']) => sum + Number(amount) * (spanSeconds[unit] ?? Number.NaN),
    0,
  );
  return Number.isNaN(seconds) ? null : seconds * (sign === '-' ? 1 : -1) + 0;
}
