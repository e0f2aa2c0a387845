declare module 'qrcode-terminal/vendor/QRCode/index.js' {
  class QRCode {
    /** `version` below 1 takes the smallest that holds the data. */
    constructor(version: number, errorCorrectLevel: number);
    addData(text: string): void;
    make(): void;
    getModuleCount(): number;
    isDark(row: number, column: number): boolean;
  }
  export = QRCode;
}

declare module 'qrcode-terminal/vendor/QRCode/QRErrorCorrectLevel.js' {
  const levels: { readonly L: number; readonly M: number; readonly Q: number; readonly H: number };
  export = levels;
}
