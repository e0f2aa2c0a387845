import { expect, test } from 'vitest';
import { normaliseNetwork } from '../../src/domain/networks.ts';

test.each([
  ['as it is', '192.168.1.0/24', '192.168.1.0/24'],
  ['an address alone', '10.1.2.3', '10.1.2.3/32'],
  ['an address of IPv6 alone', '2001:DB8::0:1', '2001:db8::1/128'],
  ['bits of the host', '10.1.2.3/8', '10.0.0.0/8'],
  ['bits of the host within a byte', '192.168.200.77/19', '192.168.192.0/19'],
  ['bits of the host in IPv6', '2001:db8:ffff::1/33', '2001:db8:8000::/33'],
  ['a mapped network', '::ffff:10.0.0.0/104', '10.0.0.0/8'],
  ['a mapped address', '::ffff:a00:1', '10.0.0.1/32'],
])('%s is stored in one spelling', (_why, typed, network) => {
  expect(normaliseNetwork(typed)).toEqual({ network });
});

test.each([
  '',
  'host.example',
  '10.0.0.0/33',
  '10.0.0.0/08',
  '10.0.0.0/+8',
  '10.0.0.0/ 8',
  '10.0.0/8',
  '010.0.0.0/8',
  '10.0.0.0/255.0.0.0',
  '10.0.0.0/8/8',
  '2001:db8::/129',
  '::ffff:10.0.0.0/95',
  'fe80::1%eth0/64',
  'fe80::%eth0',
  ' 10.0.0.0/8',
])('"%s" is no network', (typed) => {
  expect(normaliseNetwork(typed)).toEqual({
    fault: expect.stringContaining('is no network'),
    isEverybody: false,
  });
});

test.each(['0.0.0.0/0', '10.0.0.0/0', '::/0', '::ffff:0:0/96'])('%s is everybody, and refused', (typed) => {
  expect(normaliseNetwork(typed)).toEqual({
    fault: expect.stringContaining('every address'),
    isEverybody: true,
  });
});
