import { networkInterfaces } from 'node:os';

/** The addresses of this machine's interfaces. */
export function listOwnAddresses(): readonly string[] {
  return Object.values(networkInterfaces()).flatMap((each) => (each ?? []).map(({ address }) => address));
}
