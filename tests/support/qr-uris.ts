/** URIs of exactly 74, 100 and 134 bytes: versions 4, 5 and 6. */
export const uris: readonly string[] = [
  'otpauth://totp/nas:root?secret=JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP&issuer=nas',
  'otpauth://totp/backup%20server%2001:admin?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=backup%2001',
  'otpauth://totp/storage-appliance-cellar:administrator?secret=MFRGGZDFMZTWQ2LKNNWG23TPOBYXE43U&issuer=storage-appliance-cellar&digits=8',
];
