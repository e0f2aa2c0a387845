import type { Query } from '../language/ast.ts';
import type { JsonObject, View } from '../output/view.ts';
import { runQuery } from '../query/run.ts';
import type { ReadCommand } from '../registry/spec.ts';

export { countRows } from '../query/run.ts';

/** The rows and columns that a query asks for. `shown`: the columns of a table where none are named. */
export function selectRows(view: View, query: Query, spec: NonNullable<ReadCommand['query']>): View {
  const named = query.columns.map(({ name }) => name);
  return {
    ...view,
    data: runQuery(query, view.data as readonly JsonObject[], spec.columns, spec.endsInNewest),
    columns: named.length > 0 ? named : (spec.shown ?? spec.columns),
  };
}
