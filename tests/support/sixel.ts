import { PNG } from 'pngjs';

/** Paints a sixel picture (DEC STD 070, chapter 9), its colours given in RGB percent, on paper of its own. */
export function paintSixel(text: string, paper: readonly [number, number, number]): PNG {
  const body = /^\x1bP[\d;]*q(.*)\x1b\\$/s.exec(text)?.[1];
  if (body === undefined) throw new Error('not a sixel picture');
  const size = /"\d+;\d+;(\d+);(\d+)/.exec(body)!;
  const margin = 16;
  const picture = new PNG({ width: Number(size[1]) + 2 * margin, height: Number(size[2]) + 2 * margin });
  for (let at = 0; at < picture.data.length; at += 4) picture.data.set([...paper, 255], at);

  const colours = new Map<number, number[]>();
  let colour = 0;
  let x = 0;
  let top = 0;
  for (const match of body.matchAll(/"[\d;]*|#(\d+);2;(\d+);(\d+);(\d+)|#(\d+)|([$-])|(?:!(\d+))?([?-~])/g)) {
    const [, defined, red, green, blue, selected, move, count, sixel] = match;
    if (defined !== undefined) {
      colours.set(
        Number(defined),
        [red, green, blue].map((percent) => (Number(percent) * 255) / 100),
      );
    } else if (selected !== undefined) colour = Number(selected);
    else if (move !== undefined) {
      x = 0;
      if (move === '-') top += 6;
    } else if (sixel !== undefined) {
      const bits = sixel.charCodeAt(0) - 63;
      for (let end = x + Number(count ?? 1); x < end; x += 1) {
        for (let bit = 0; bit < 6; bit += 1) {
          if ((bits >> bit) & 1) setPixel(picture, x + margin, top + bit + margin, colours.get(colour)!);
        }
      }
    }
  }
  return picture;
}

function setPixel(picture: PNG, x: number, y: number, colour: readonly number[]): void {
  if (x >= picture.width || y >= picture.height) throw new Error(`pixel ${x},${y} is outside of the picture`);
  picture.data.set([...colour, 255], 4 * (y * picture.width + x));
}
