import { JSONParser } from '@streamparser/json';

/** What is at the top of an export, its accounts left out. */
export type ExportTop = Readonly<Record<string, unknown>>;

export type ExportParts = {
  /** Takes bytes of the JSON text, in order. Answers the accounts that they complete. Error: it is no JSON. */
  take(bytes: Uint8Array): readonly unknown[];
  /** What is at the top, as far as it was read. */
  top(): ExportTop;
  /** Whether `accounts` is a list, once all was read. Error: the text breaks off. */
  end(): boolean;
};

/** Reads the JSON of an export in parts: an account is handed over once it is whole, and no longer kept. */
export function readExportParts(): ExportParts {
  const parser = new JSONParser({ paths: ['$.*', '$.accounts.*'], keepStack: false });
  const top: Record<string, unknown> = {};
  let complete: unknown[] = [];
  let isList = false;
  let failure: Error | undefined;
  parser.onError = (error) => {
    failure ??= error;
  };
  parser.onValue = ({ value, key, parent, stack }) => {
    if (stack.length === 2 && Array.isArray(parent) && typeof key === 'number') {
      complete.push(value);
      (parent as unknown[])[key] = undefined;
    } else if (stack.length === 1 && key !== 'accounts') {
      Object.defineProperty(top, String(key), { value, configurable: true, enumerable: true });
    } else if (stack.length === 1) {
      isList = Array.isArray(value);
    }
  };
  const check = () => {
    if (failure) throw failure;
  };
  return {
    take(bytes) {
      complete = [];
      parser.write(bytes);
      check();
      return complete;
    },
    top: () => top,
    end() {
      if (!parser.isEnded) parser.end();
      check();
      return isList;
    },
  };
}
