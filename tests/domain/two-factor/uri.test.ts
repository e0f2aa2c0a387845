import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { makeUri, type UriParameters } from '../../../src/domain/two-factor/uri.ts';
import { secretA } from '../../support/accounts.ts';

const plain: UriParameters = {
  issuer: 'nas',
  username: 'root',
  device: 'default',
  secret: secretA,
  digits: 6,
  periodSeconds: 30,
};

describe('form', () => {
  test.each<[string, Partial<UriParameters>, string]>([
    ['defaults are left out', {}, `nas:root?secret=${secretA}&issuer=nas`],
    ['digits', { digits: 8 }, `nas:root?secret=${secretA}&issuer=nas&digits=8`],
    ['period', { periodSeconds: 60 }, `nas:root?secret=${secretA}&issuer=nas&period=60`],
    ['%20 for a space', { issuer: 'my nas' }, `my%20nas:root?secret=${secretA}&issuer=my%20nas`],
    ['a device', { device: 'tablet' }, `nas:root%20(tablet)?secret=${secretA}&issuer=nas`],
    ['an address', { username: 'a.b@example.org' }, `nas:a.b@example.org?secret=${secretA}&issuer=nas`],
    ['a domain', { username: 'CORP\\ann' }, `nas:CORP%5Cann?secret=${secretA}&issuer=nas`],
    ['beyond ASCII', { username: 'jürgen' }, `nas:j%C3%BCrgen?secret=${secretA}&issuer=nas`],
    ['an ampersand', { issuer: 'a&b=c' }, `a%26b%3Dc:root?secret=${secretA}&issuer=a%26b%3Dc`],
  ])('%s', (_, changes, rest) => {
    expect(makeUri({ ...plain, ...changes })).toEqual({ uri: `otpauth://totp/${rest}`, warnings: [] });
  });

  test.each([
    ['Büro', 'Buro'],
    ['home:nas', 'home-nas'],
    ['会社', '--'],
    [' ', 'Postern'],
  ])('issuer %j is written %j, with a warning', (issuer, written) => {
    const { uri, warnings } = makeUri({ ...plain, issuer });
    expect(new URL(uri).searchParams.get('issuer')).toBe(written);
    expect(warnings).toEqual([expect.stringContaining(`'${written}'`)]);
  });

  test('a colon in the account would be read as the end of an issuer', () => {
    expect(makeUri({ ...plain, username: 'a:b' }).uri).toContain('/nas:a_b?');
  });
});

describe('at most 134 bytes', () => {
  test('a URI of 134 is left whole, of 135 it loses the device first', () => {
    const fitting = { ...plain, device: 'x'.repeat(134 - makeUri(plain).uri.length - '%20()'.length) };
    expect(makeUri(fitting).uri).toHaveLength(134);
    expect(makeUri(fitting).warnings).toEqual([]);
    const { uri, warnings } = makeUri({ ...fitting, device: `${fitting.device}x` });
    expect(uri).toBe(makeUri(plain).uri);
    expect(warnings).toEqual([expect.stringContaining("device's name is left out")]);
  });

  test('then the end of the issuer, in label and parameter', () => {
    const { uri, warnings } = makeUri({ ...plain, issuer: 'backup-server-number-one.rack-12.example.org' });
    const url = new URL(uri);
    expect(uri.length).toBeGreaterThan(132);
    const issuer = url.searchParams.get('issuer') as string;
    expect('backup-server-number-one.rack-12.example.org'.startsWith(issuer)).toBe(true);
    expect(url.pathname).toBe(`/${issuer}:root`);
    expect(warnings).toEqual([expect.stringContaining(`'${issuer}'`)]);
  });

  test('then the end of the account', () => {
    const { uri, warnings } = makeUri({
      ...plain,
      issuer: 'company',
      username: `${'ä'.repeat(40)}@example.org`,
    });
    const label = decodeURIComponent(new URL(uri).pathname.slice(1));
    expect(label).toMatch(/^com:ä+$/);
    expect(uri.length).toBeGreaterThan(128);
    expect(warnings).toEqual([expect.stringContaining('ä')]);
  });

  test('and at last the issuer, for the longest secrets', () => {
    const { uri, warnings } = makeUri({ ...plain, secret: 'A'.repeat(77), digits: 8, periodSeconds: 300 });
    expect(uri).toBe(`otpauth://totp/root?secret=${'A'.repeat(77)}&digits=8&period=300`);
    expect(warnings).toEqual([expect.stringContaining('no issuer')]);
  });

  const text = fc.oneof(
    fc.string({ unit: 'binary', minLength: 1, maxLength: 80 }),
    fc.string({ unit: 'grapheme', minLength: 1, maxLength: 80 }),
    fc.string({ minLength: 1, maxLength: 255 }),
  );
  test.each([' ', '\t', `${' '.repeat(90)}x`, '.', '..', ' .'])(
    'a name of blanks, or of dots that a path swallows, is no empty label: %j',
    (username) => {
      const { uri } = makeUri({
        issuer: ' ',
        username,
        device: 'default',
        secret: 'A'.repeat(76),
        digits: 7,
        periodSeconds: 100,
      });
      expect(decodeURIComponent(new URL(uri).pathname.slice(1))).not.toMatch(/(^|:)$/);
    },
  );
  test('whatever the names: it parses back to one secret, and one issuer or none', () => {
    fc.assert(
      fc.property(
        text,
        text,
        fc.constantFrom('default', 'phone', 'x'.repeat(32)),
        fc.integer({ min: 16, max: 77 }),
        fc.integer({ min: 6, max: 8 }),
        fc.integer({ min: 15, max: 300 }),
        (issuer, username, device, length, digits, periodSeconds) => {
          const secret = 'A'.repeat(length);
          const { uri, warnings } = makeUri({ issuer, username, device, secret, digits, periodSeconds });
          expect(Buffer.byteLength(uri)).toBeLessThanOrEqual(134);
          expect(uri).toMatch(/^[\x21-\x7e]+$/);
          const url = new URL(uri);
          expect(url.protocol + url.host).toBe('otpauth:totp');
          expect(url.searchParams.get('secret')).toBe(secret);
          expect(url.searchParams.get('digits') ?? '6').toBe(String(digits));
          expect(url.searchParams.get('period') ?? '30').toBe(String(periodSeconds));
          const parts = decodeURIComponent(url.pathname.slice(1)).split(':');
          expect(parts.at(-1)).not.toBe('');
          const named = url.searchParams.get('issuer');
          expect(parts.slice(0, -1)).toEqual(named === null ? [] : [named]);
          if (warnings.length === 0) expect(named).toBe(issuer);
        },
      ),
      { numRuns: 500 },
    );
  });
});
