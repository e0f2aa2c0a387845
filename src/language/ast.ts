import type { Problem } from '../errors.ts';
import type { Json } from '../json.ts';
import type { Span } from './span.ts';

/** One word as it is for itself, quotes taken off. */
export type Word = { readonly text: string; readonly span: Span; readonly quoted: boolean };

/**
 * One value as it was typed. Nothing is converted here: `bare` may mean a number, a boolean, a list or text, and
 * the parameter's declared kind decides. `list` is only where a comma list contains quoted items.
 */
export type Value =
  | { readonly kind: 'bare'; readonly text: string; readonly span: Span }
  | { readonly kind: 'quoted'; readonly text: string; readonly span: Span }
  | { readonly kind: 'json'; readonly value: Json; readonly span: Span }
  | { readonly kind: 'list'; readonly items: readonly Value[]; readonly span: Span };

/** The leading path part of a line. */
export type Head = {
  /** The line began with `/`. */
  readonly absolute: boolean;
  /** How many levels `..` goes up before the words are followed. */
  readonly ups: number;
  /** Every leading bare word: where the path ends and the positionals begin is for the registry to say. */
  readonly words: readonly Word[];
  /** Offset after the last of it; 0 when there is none. */
  readonly end: number;
};

/** One `key=value`; the key is dotted as typed. */
export type NamedArgument = {
  readonly key: string;
  readonly keySpan: Span;
  /** It was written as an option, `--key=value` or `--key`. */
  readonly dashed?: true;
  /** undefined: nothing stands after the `=`. */
  readonly value: Value | undefined;
  readonly span: Span;
};

/** `> file`. */
export type Redirect = { readonly path: string; readonly span: Span };

/** All that follows the path, with what could be understood kept beside the problems. */
export type Arguments = {
  readonly positionals: readonly Value[];
  readonly named: readonly NamedArgument[];
  /** `--` at the end asks for each parameter, `-- edit` opens an editor. */
  readonly edit: 'prompt' | 'editor' | undefined;
  /** The `?` at the end. Whoever answers it leaves `problems` alone: the line is not finished. */
  readonly help: Span | undefined;
  readonly redirect: Redirect | undefined;
  readonly problems: readonly Problem[];
};

/** A column as it was named; a dot goes into an object, a number after it into a list. */
export type ColumnName = { readonly name: string; readonly span: Span };

/** A value in an expression. What a bare one means, the kind of the cell it meets decides. */
export type Literal = { readonly text: string; readonly quoted: boolean; readonly span: Span };

export type ComparisonOperator = '==' | '!=' | '>' | '>=' | '<' | '<=';

/** What `where` asks of a row. `and` and `or` hold two operands or more. */
export type Expression =
  | { readonly kind: 'and' | 'or'; readonly operands: readonly Expression[]; readonly span: Span }
  | { readonly kind: 'not'; readonly operand: Expression; readonly span: Span }
  /** A boolean column that is alone: `where admin`. */
  | { readonly kind: 'truth'; readonly column: ColumnName; readonly span: Span }
  | {
      readonly kind: 'compare';
      readonly column: ColumnName;
      readonly operator: ComparisonOperator;
      readonly literal: Literal;
      readonly span: Span;
    }
  | {
      readonly kind: 'in';
      readonly column: ColumnName;
      readonly negated: boolean;
      readonly literals: readonly Literal[];
      readonly span: Span;
    }
  /** `.match(…)` searches anywhere in the text; the pattern was checked, see `checkPattern`. */
  | {
      readonly kind: 'test';
      readonly method: 'match' | 'startswith' | 'endswith';
      readonly column: ColumnName;
      readonly literal: Literal;
      readonly span: Span;
    };

/** `[columns] [where EXPR] [order_by=…] [limit=N] [offset=N]`. No columns: all of them. */
export type Query = {
  readonly columns: readonly ColumnName[];
  readonly where: Expression | undefined;
  readonly orderBy: readonly (ColumnName & { readonly descending: boolean })[];
  readonly limit: number | undefined;
  readonly offset: number | undefined;
};
