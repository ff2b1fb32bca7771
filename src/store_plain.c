/*
 * store_plain.c: tells whether anybody has given one of the extension's tables what only
 * the executor honours: triggers, rules, constraints, columns and indexes of other kinds,
 * a place on other nodes. Rows of such a table go through plans.
 */
#include "postgres.h"

#include "access/genam.h"
#include "access/heapam.h"
#include "utils/rel.h"

#include "store_plain.h"

/* Tells whether nobody has given the columns what only the executor would honour. */
static bool
columns_are_plain(Relation relation)
{
	TupleDesc descriptor = RelationGetDescr(relation);
	const TupleConstr *constraints = descriptor->constr;

	if (constraints != NULL &&
		(constraints->num_check > 0 || constraints->has_generated_stored))
		return false;
	for (int i = 0; i < descriptor->natts; i++)
		if (TupleDescAttr(descriptor, i)->attisdropped)
			return false;
	return true;
}

/*
 * Tells whether rows may go straight to the table, as far as store_row_fits says so too.
 * A table whose rows Citus keeps on other nodes has a trigger of its on TRUNCATE.
 */
bool
store_is_plain(Relation relation)
{
	return relation->rd_rel->relkind == RELKIND_RELATION && relation->trigdesc == NULL &&
		   !relation->rd_rel->relhasrules && columns_are_plain(relation) &&
		   relation->rd_tableam == GetHeapamTableAmRoutine();
}

/* Tells whether an index can be filled without the executor's help. */
bool
store_index_is_simple(Relation index)
{
	return index->rd_index->indimmediate && index->rd_index->indisready &&
		   RelationGetIndexExpressions(index) == NIL &&
		   RelationGetIndexPredicate(index) == NIL && !index->rd_index->indisexclusion;
}

/* Tells whether all indexes of a table can be. */
bool
store_indexes_are_simple(Relation relation)
{
	List *indexes = RelationGetIndexList(relation);
	bool simple = true;
	ListCell *cell;

	foreach (cell, indexes)
	{
		Relation index = index_open(lfirst_oid(cell), AccessShareLock);

		simple = simple && store_index_is_simple(index);
		index_close(index, AccessShareLock);
	}
	list_free(indexes);
	return simple;
}

/* Tells whether a row has a value wherever somebody says that there must be one. */
bool
store_row_fits(Relation relation, TupleTableSlot *row)
{
	TupleDesc descriptor = RelationGetDescr(relation);

	for (int i = 0; i < descriptor->natts; i++)
		if (TupleDescAttr(descriptor, i)->attnotnull && row->tts_isnull[i])
			return false;
	return true;
}
