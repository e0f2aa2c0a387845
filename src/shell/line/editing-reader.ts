import { emitKeypressEvents } from 'node:readline';
import type { ShellIo } from '../io.ts';
import { openCanvas } from './canvas.ts';
import type { Key } from './key.ts';
import { listCandidates } from './list-candidates.ts';
import type { LineEvent, LineReader, LineRequest } from './reader.ts';
import { type Effect, frameOf, pressKey, startTyping } from './typing.ts';

/** How long a process that asked to be stopped waits to see whether it was: one without a shell above it never is. */
const suspendGraceMs = 50;

/**
 * Reads lines that are edited where they stand, key by key, on a terminal. `columnsAsked` is its width where the kernel
 * knows none.
 */
export function createEditingReader(io: ShellIo, columnsAsked: number | undefined): LineReader {
  const { input } = io;
  const keys: Key[] = [];
  let isPasting = false;
  let isStopped = false;
  let takeKeys: (() => void) | undefined;
  let endRead: (() => void) | undefined;

  emitKeypressEvents(input);
  const receive = (text: string | undefined, key: NodeKey) => {
    if (key.name === 'paste-start' || key.name === 'paste-end') isPasting = key.name === 'paste-start';
    else keys.push(toKey(text, key, isPasting));
    // What comes after a line may be the answer to what that line asks, and is not for the next prompt to show.
    if (key.name === 'return' || key.name === 'enter') input.pause();
    takeKeys?.();
  };

  return {
    read: (request) => {
      if (isStopped) return Promise.resolve({ kind: 'end' });
      return new Promise((resolve) => {
        const reading = readOne({ io, request, keys, receive, columnsAsked }, (event) => {
          takeKeys = undefined;
          endRead = undefined;
          resolve(event);
        });
        takeKeys = reading.takeKeys;
        endRead = reading.end;
        reading.start();
      });
    },
    stop: () => {
      isStopped = true;
      endRead?.();
    },
    discardTypedAhead: () => {
      keys.length = 0;
      while (input.read() !== null);
    },
  };
}

type NodeKey = { readonly name?: string; readonly ctrl?: boolean; readonly meta?: boolean };

type Reading = {
  readonly io: ShellIo;
  readonly request: LineRequest;
  readonly keys: Key[];
  readonly receive: (text: string | undefined, key: NodeKey) => void;
  readonly columnsAsked: number | undefined;
};

function readOne({ io, request, keys, receive, columnsAsked }: Reading, done: (event: LineEvent) => void) {
  const { input, terminal, signals } = io;
  const { prompt, initial = '', offered = '', help = {} } = request;
  const canvas = openCanvas(terminal, io.marksPaste, columnsAsked);
  let typing = startTyping(initial, offered);
  let isDone = false;
  let isDrainDue = false;
  let isSuspended = false;

  const draw = () => canvas.draw(frameOf(typing, prompt));
  const drain = () => {
    isDrainDue = false;
    while (!isDone && !isSuspended && keys.length > 0) {
      const pressed = pressKey(typing, keys.shift() as Key, keys.length === 0, help);
      typing = pressed.typing;
      if (pressed.effect) act(pressed.effect);
    }
    if (isDone || isSuspended) return;
    draw();
    canvas.flush();
  };
  const act = (effect: Effect) => {
    switch (effect.kind) {
      case 'finish':
        draw();
        if (effect.event.kind === 'explain') canvas.append('?');
        return finish(effect.event);
      case 'interrupt':
        return interrupt();
      case 'suspend':
        // What is above the foot of a screen is not left to whoever is in front of it next.
        return request.atFoot ? canvas.ring() : suspend();
      case 'clear':
        if (request.atFoot) return finish({ kind: 'redraw', text: typing.line.text });
        return canvas.clear();
      case 'bell':
        return canvas.ring();
      case 'list':
        draw();
        return canvas.showBelow(listCandidates(effect.completion, canvas.size()));
      case 'note':
        draw();
        return canvas.showBelow([`  ${effect.note}`]);
      default:
        return effect satisfies never;
    }
  };

  const seize = () => {
    input.setRawMode?.(true);
    canvas.markPastes(true);
  };
  const letGo = () => {
    canvas.markPastes(false);
    canvas.flush();
    input.setRawMode?.(false);
  };
  const finish = (event: LineEvent) => {
    if (isDone) return;
    isDone = true;
    if (request.atFoot) canvas.erase();
    else canvas.leave();
    input.off('keypress', receive).off('end', end).off('close', end).off('error', end);
    signals.off('SIGWINCH', resize);
    signals.off('SIGCONT', resume);
    signals.off('SIGINT', interruptBySignal);
    input.pause();
    letGo();
    done(event);
  };
  const end = () => finish({ kind: 'end' });
  const interruptBySignal = () => {
    keys.length = 0;
    interrupt();
  };
  const interrupt = () => {
    typing = { ...typing, searching: undefined };
    draw();
    canvas.append('^C');
    finish({ kind: 'interrupt', text: typing.line.text });
  };
  const resize = () => {
    canvas.rewrap();
    draw();
    canvas.flush();
  };
  const resume = () => {
    if (request.atFoot) return finish({ kind: 'redraw', text: typing.line.text });
    isSuspended = false;
    canvas.forget();
    seize();
    drain();
  };
  const suspend = () => {
    canvas.leave();
    letGo();
    isSuspended = true;
    signals.suspend();
    setTimeout(() => setImmediate(() => isSuspended && !isDone && resume()), suspendGraceMs);
  };

  return {
    end,
    /** All that came at once is taken together: one write, and a `?` in the middle of it is no question. */
    takeKeys: () => {
      if (!isDrainDue) queueMicrotask(drain);
      isDrainDue = true;
    },
    start: () => {
      seize();
      input.on('keypress', receive).on('end', end).on('close', end).on('error', end);
      signals.on('SIGWINCH', resize);
      signals.on('SIGCONT', resume);
      signals.on('SIGINT', interruptBySignal);
      drain();
      if (!isDone) input.resume();
    },
  };
}

function toKey(text: string | undefined, { name, ctrl, meta }: NodeKey, pasted: boolean): Key {
  const isTyped = text !== undefined && !ctrl && (text === '\t' || (text >= ' ' && text !== '\x7f'));
  return { name, ctrl: ctrl === true, meta: meta === true, text: isTyped ? text : '', pasted };
}
