import { randomBytes } from 'node:crypto';
import type { Random } from '../ports.ts';

/** The kernel's cryptographically secure random source. */
export const systemRandom: Random = { bytes: (count) => randomBytes(count) };
