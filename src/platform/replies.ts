/**
 * What terminals send unasked or late (ECMA-48, xterm's control sequences), as one pattern:
 * - CSI: cursor position `24;80R`, attributes `?62;22c` and `>0;1c`, status `0n`, modes `?1;2$y`, window sizes
 *   `8;24;80t`, the mouse as `<0;1;1M`, `32;1;1M` and `M` with three bytes, the focus `I` and `O`
 * - OSC with a number: colours, `11;rgb:0000/0000/0000`, of whose end urxvt sends the first half alone
 * - DCS and APC: strings of any kind
 *
 * No key sends any of these, but for F3 with a modifier, which means nothing here.
 */
const reply =
  /\x1b(?:\[(?:\d+;\d+R|\?[\d;]*(?:\$y|[a-zA-Z])|>[\d;]*c|\d*n|\d+;\d+;\d+[tM]|<\d+;\d+;\d+[Mm]|M[\s\S]{3}|[IO])|\]\d+;[\x20-\x7e]*(?:\x07|\x1b\\|\x1b(?=\x1b))|[P_][\x20-\x7e]*\x1b\\)/y;
/** The beginning of one, up to the end of what has come. */
const begun =
  /\x1b(?:\[(?:[\d;]*|\?[\d;]*\$?|>[\d;]*|<[\d;]*|M[\s\S]{0,2})|\](?:\d+(?:;[\x20-\x7e]*\x1b?)?)?|[P_][\x20-\x7e]*\x1b?)?$/y;
/** One that is broken off by a control character, such as Escape and [ before Enter: no key sends it either. */
const brokenOff = /\x1b\[[0-?]*[ -/]*(?=[\x00-\x1f])/y;
/** No answer is as long: what goes on for longer is text after all. */
const longestReply = 4096;

/**
 * Parts what was typed from what the terminal answered, which is left out. `held` may be the beginning of an answer: it
 * belongs in front of what comes next. One character a byte (Latin-1).
 */
export function dropReplies(received: string): { readonly typed: string; readonly held: string } {
  let typed = '';
  let at = 0;
  for (;;) {
    const start = received.indexOf('\x1b', at);
    if (start < 0) return { typed: typed + received.slice(at), held: '' };
    typed += received.slice(at, start);
    reply.lastIndex = begun.lastIndex = brokenOff.lastIndex = start;
    if (reply.test(received)) {
      at = reply.lastIndex;
    } else if (received.length - start < longestReply && begun.test(received)) {
      return { typed, held: received.slice(start) };
    } else if (brokenOff.test(received)) {
      at = brokenOff.lastIndex;
    } else {
      typed += '\x1b';
      at = start + 1;
    }
  }
}
