import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { PNG } from 'pngjs';

/** An X server without a monitor (package xvfb), for xterm (packages xterm and xfonts-base). */
export type Display = {
  open(argv: readonly string[], environment: Readonly<Record<string, string>>): ChildProcess;
  /** A picture of the whole display (xwd, package x11-apps). */
  takePicture(): PNG;
  stop(): Promise<void>;
};

/** Starts an X server on a display that is free. */
export async function startDisplay(): Promise<Display> {
  const server = spawn('Xvfb', ['-displayfd', '3', '-screen', '0', '820x680x24', '-nolisten', 'tcp'], {
    stdio: ['ignore', 'ignore', 'ignore', 'pipe'],
  });
  server.on('error', () => {});
  const [answer] = await Promise.race([
    once(server.stdio[3]!, 'data'),
    once(server, 'exit').then(() => [undefined]),
  ]);
  if (answer === undefined) throw new Error('Xvfb does not start: apt-get install xvfb');
  const display = `:${String(answer).trim()}`;
  return {
    open: (argv, environment) => {
      const [program, ...rest] = argv as [string, ...string[]];
      return spawn(program, rest, {
        stdio: 'ignore',
        env: { PATH: process.env.PATH, DISPLAY: display, ...environment },
      });
    },
    takePicture: () => {
      const { stdout, error } = spawnSync('xwd', ['-silent', '-root', '-display', display], {
        maxBuffer: 1 << 26,
      });
      if (error) throw new Error('xwd is missing: apt-get install x11-apps', { cause: error });
      return readWindowDump(stdout);
    },
    stop: async () => {
      server.kill();
      if (server.exitCode === null && server.signalCode === null) await once(server, 'exit');
    },
  };
}

/** Reads an X window dump of 32 bits a pixel (XWDFile.h). */
function readWindowDump(dump: Buffer): PNG {
  const field = (index: number) => dump.readUInt32BE(4 * index);
  const [headerBytes, width, height, lsbFirst, lineBytes, colours] = [0, 4, 5, 7, 12, 19].map(
    field,
  ) as number[];
  const picture = new PNG({ width: width!, height: height! });
  const pixels = headerBytes! + 12 * colours!;
  for (let y = 0; y < height!; y += 1) {
    for (let x = 0; x < width!; x += 1) {
      const at = pixels + y * lineBytes! + 4 * x;
      const rgb =
        lsbFirst === 0
          ? [dump[at + 2]!, dump[at + 1]!, dump[at]!]
          : [dump[at + 1]!, dump[at + 2]!, dump[at + 3]!];
      picture.data.set([...rgb, 255], 4 * (y * width! + x));
    }
  }
  return picture;
}
