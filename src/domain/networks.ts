import { IPv4, IPv6 } from 'ipaddr.js';
import { isOwnAddress, readAddress, readNetwork } from './addresses.ts';

/**
 * A network as it is stored, `10.0.0.0/8`: an address alone is a network of one, and bits of the host are dropped, which
 * sshd would refuse. `fault`: why it cannot be exempt, as the rest of a sentence that begins with it.
 */
export function normaliseNetwork(
  typed: string,
): { readonly network: string } | { readonly fault: string; readonly isEverybody: boolean } {
  const network = readNetwork(typed);
  if (network === undefined)
    return { fault: 'is no network such as 192.168.1.0/24 or 2001:db8::/32', isEverybody: false };
  const { text, prefix } = network;
  if (prefix === 0)
    return { fault: 'is every address there is: to ask nobody, turn codes off', isEverybody: true };
  const kind = network.family === 'ipv4' ? IPv4 : IPv6;
  const base = readAddress(kind.networkAddressFromCIDR(`${text}/${prefix}`).toString());
  return base === undefined
    ? { fault: 'is no network', isEverybody: false }
    : { network: `${base.text}/${prefix}` };
}

/** Whether a network, in its one spelling, is one of loopback. */
export function isOwnNetwork(network: string): boolean {
  const address = readAddress(network.split('/')[0] ?? '');
  return address !== undefined && isOwnAddress(address, []);
}
