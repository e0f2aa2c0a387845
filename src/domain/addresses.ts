import { BlockList, isIP, SocketAddress } from 'node:net';

/** An address in its one spelling: IPv4 dotted, IPv6 as in RFC 5952, `::ffff:10.0.0.1` as the IPv4 address it is. */
export type Address = {
  readonly family: 'ipv4' | 'ipv6';
  readonly text: string;
  /** The link of a link-local address (`fe80::1%eth0`); empty: none. */
  readonly zone: string;
};

/** A network in its one spelling, `10.0.0.0/8`. */
export type Network = { readonly family: 'ipv4' | 'ipv6'; readonly text: string; readonly prefix: number };

const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/;
/** Bits before the IPv4 address in a mapped one. */
const mappedBits = 96;

const linkLocal = makeList('fe80::/10');
/** The machine itself: loopback, and the unspecified addresses, which reach it too. */
const loopback = makeList('127.0.0.0/8', '0.0.0.0/8', '::1/128', '::/128');

/** Reads an address; undefined: it is none, a host name for instance, or has a zone where none can be. */
export function readAddress(text: string): Address | undefined {
  const [, bare = '', zone = ''] = /^([^%]*)(?:%([A-Za-z0-9._-]{1,64}))?$/.exec(text) ?? [];
  const version = isIP(bare);
  if (version === 0) return undefined;
  const family = version === 4 ? 'ipv4' : 'ipv6';
  const canonical = new SocketAddress({ address: bare, family }).address;
  const inner = mapped.exec(canonical)?.[1];
  const address: Address =
    inner === undefined ? { family, text: canonical, zone } : { family: 'ipv4', text: inner, zone };
  return zone === '' || linkLocal.check(address.text, address.family) ? address : undefined;
}

/** Reads `ADDRESS/BITS`, or an address as a network of one; undefined: it is none. Bits of the host are left as they are. */
export function readNetwork(text: string): Network | undefined {
  const [, typed = '', bits] = /^([^/%]*)(?:\/(0|[1-9]\d{0,2}))?$/.exec(text) ?? [];
  const address = readAddress(typed);
  if (address === undefined) return undefined;
  const isMapped = address.family === 'ipv4' && isIP(typed) === 6;
  const most = address.family === 'ipv4' ? 32 : 128;
  const prefix = bits === undefined ? most : Number(bits) - (isMapped ? mappedBits : 0);
  return prefix >= 0 && prefix <= most ? { family: address.family, text: address.text, prefix } : undefined;
}

/** The first of these networks (`ADDRESS/BITS`) that holds the address. One that covers every address counts as none. */
export function findNetwork(address: Address, networks: readonly string[]): string | undefined {
  return networks.find((text) => {
    const network = readNetwork(text);
    if (network === undefined || network.prefix === 0 || network.family !== address.family) return false;
    const list = new BlockList();
    list.addSubnet(network.text, network.prefix, network.family);
    return list.check(address.text, address.family);
  });
}

/** Whether an address is the machine's own: loopback, or one of `own`. From there come tunnels and reverse proxies. */
export function isOwnAddress(address: Address, own: readonly string[]): boolean {
  if (loopback.check(address.text, address.family)) return true;
  return own.some((text) => readAddress(text)?.text === address.text);
}

function makeList(...networks: readonly string[]): BlockList {
  const list = new BlockList();
  for (const network of networks) {
    const [address = '', bits] = network.split('/');
    list.addSubnet(address, Number(bits), address.includes(':') ? 'ipv6' : 'ipv4');
  }
  return list;
}
