import { readSync, writeSync } from 'node:fs';

/** Longer than any line the PAM module sends. */
const packetBytes = 1024;

/**
 * Lines over the packet socket that the PAM module hands its helper as standard input and output: a packet is a line.
 * Reads block, by `read(2)` itself: the streams of `process` would cost milliseconds at every sign-in. Ends, as if the
 * module were gone, when it is silent for longer than it has set on the socket. Writing throws when it is gone.
 */
export function openLinePipe(): { read(): string | undefined; write(line: string): void } {
  const packet = Buffer.alloc(packetBytes);
  return {
    read() {
      try {
        const length = readSync(0, packet);
        const line = length === 0 ? undefined : packet.toString('utf8', 0, length);
        packet.fill(0);
        return line;
      } catch {
        return undefined;
      }
    },
    write(line) {
      writeSync(1, line);
    },
  };
}
