/**
 * The settings of functions in the database, so that a plan made while tables are empty stays good.
 */

/** Tables are looked into by their indexes, row by row, and an order is the one of an index where there is one. */
export const byKey = `
SET search_path FROM CURRENT SET enable_sort = off SET enable_incremental_sort = off SET enable_bitmapscan = off
SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off SET jit = off SET plan_cache_mode = force_generic_plan`

/** Rows are changed by where they lie (`ctid`), and nothing else can be planned. */
export const byPlace = `${byKey} SET enable_indexscan = off SET enable_indexonlyscan = off`
