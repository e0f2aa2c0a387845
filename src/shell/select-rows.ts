import { runQuery } from '../domain/query.ts';
import { PosternError } from '../errors.ts';
import type { Query } from '../language/ast.ts';
import type { JsonObject, View } from '../output/view.ts';

/** The rows and columns that a query asks for. `shown`: the columns of a table where none are named. */
export function selectRows(
  view: View,
  query: Query,
  spec: { readonly columns: readonly string[]; readonly shown?: readonly string[] },
): View {
  const selected = runQuery(query, view.data as readonly JsonObject[], spec.columns);
  if ('problems' in selected) throw new PosternError(selected.problems);
  return {
    ...view,
    data: selected.rows,
    columns: query.columns.length > 0 ? query.columns.map(({ name }) => name) : (spec.shown ?? spec.columns),
  };
}
