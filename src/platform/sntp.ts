import { randomBytes } from 'node:crypto';
import { createSocket } from 'node:dgram';
import { lookup } from 'node:dns/promises';
import { PosternError } from '../errors.ts';
import type { TimeAnswer, TimeServers } from '../ports/machine.ts';

const ntpPort = 123;
const defaultTimeoutMs = 5_000;
/** Unix time 0 in NTP time: seconds from 1900 to 1970. */
const epochSeconds = 2_208_988_800;
const packetBytes = 48;

/** Asks with one SNTP packet (RFC 5905, section 14). `server` may carry a port: `host:123`, `[::1]:123`. */
export const timeServers: TimeServers = {
  async ask(server, timeoutMs = defaultTimeoutMs): Promise<TimeAnswer> {
    const { host, port } = splitServer(server);
    const startedMs = performance.now();
    const found = await limit(lookup(host), timeoutMs).catch((cause: unknown) => {
      throw new PosternError(
        {
          code: 'not_found.time_server',
          message: `no address is known for the time server ${server}`,
          hint: 'system clock server=ADDRESS',
        },
        cause,
      );
    });
    const leftMs = Math.max(timeoutMs - (performance.now() - startedMs), 100);
    return exchange(server, found, port, leftMs);
  },
};

/** A resolver whose servers are silent would keep everyone waiting. */
async function limit<T>(work: Promise<T>, timeoutMs: number): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error('no answer in time')), timeoutMs);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}

function exchange(
  server: string,
  { address, family }: { readonly address: string; readonly family: number },
  port: number,
  timeoutMs: number,
): Promise<TimeAnswer> {
  return new Promise((resolve, reject) => {
    const socket = createSocket(family === 6 ? 'udp6' : 'udp4');
    // RFC 5905 lets a client send any transmit time: a random one cannot be guessed by who does not see the packet.
    const nonce = randomBytes(8);
    let sentMs = 0;
    const end = (finish: () => void) => {
      clearTimeout(timer);
      socket.close();
      finish();
    };
    const refuse = (code: 'rule.time_server_silent' | 'rule.time_server_unusable', message: string) =>
      end(() => reject(new PosternError({ code, message, hint: 'system clock' })));
    const timer = setTimeout(
      () =>
        refuse(
          'rule.time_server_silent',
          `the time server ${server} did not answer within ${(timeoutMs / 1000).toFixed(1)} s`,
        ),
      timeoutMs,
    );
    socket.once('error', (error) =>
      refuse('rule.time_server_silent', `the time server ${server} cannot be asked: ${error.message}`),
    );
    socket.on('message', (packet) => {
      const receivedMs = Date.now();
      // Someone else's packet, or an old one, ends nothing: the true answer may still come.
      if (packet.length < packetBytes || !packet.subarray(24, 32).equals(nonce)) return;
      const fault = findFault(packet);
      if (fault !== undefined) {
        refuse(
          'rule.time_server_unusable',
          `the answer of the time server ${server} cannot be used: ${fault}`,
        );
        return;
      }
      end(() => resolve(measure(packet, sentMs, receivedMs, address)));
    });
    // A connected socket hears only the server, and learns at once when nothing listens there.
    socket.connect(port, address, () => {
      const request = Buffer.alloc(packetBytes);
      request[0] = (4 << 3) | 3;
      nonce.copy(request, 40);
      sentMs = Date.now();
      socket.send(request);
    });
  });
}

/** Why an answer says nothing about the time; undefined: it does. */
function findFault(packet: Buffer): string | undefined {
  const [leap, mode, stratum] = [packet.readUInt8(0) >> 6, packet.readUInt8(0) & 7, packet.readUInt8(1)];
  if (mode !== 4) return `it is of mode ${mode}, not a server's`;
  if (stratum === 0) return `it refuses (${packet.toString('latin1', 12, 16).replace(/[^ -~]/g, '?')})`;
  if (leap === 3 || stratum > 15) return 'its own clock is not synchronised';
  if (packet.readUInt32BE(40) === 0 || packet.readUInt32BE(32) === 0) return 'it carries no time';
  return undefined;
}

/** Offset and delay of RFC 5905, section 8, as seen from this clock. */
function measure(packet: Buffer, sentMs: number, receivedMs: number, address: string): TimeAnswer {
  const [arrivedMs, answeredMs] = [readTimeMs(packet, 32), readTimeMs(packet, 40)];
  const behindMs = (arrivedMs - sentMs + (answeredMs - receivedMs)) / 2;
  const delayMs = receivedMs - sentMs - (answeredMs - arrivedMs);
  return {
    offsetSeconds: -behindMs / 1000,
    delaySeconds: Math.max(0, delayMs) / 1000,
    stratum: packet.readUInt8(1),
    address,
  };
}

/** An NTP timestamp as Unix milliseconds; seconds below 2^31 belong to the era that begins in 2036. */
function readTimeMs(packet: Buffer, at: number): number {
  const seconds = packet.readUInt32BE(at);
  const era = seconds < 2 ** 31 ? 2 ** 32 : 0;
  return (seconds + era - epochSeconds + packet.readUInt32BE(at + 4) / 2 ** 32) * 1000;
}

function splitServer(server: string): { readonly host: string; readonly port: number } {
  const [, bracketed, plain, port] = /^(?:\[([^\]]+)\]|([^:]+))(?::(\d{1,5}))?$/.exec(server) ?? [];
  return { host: bracketed ?? plain ?? server, port: port === undefined ? ntpPort : Number(port) };
}
