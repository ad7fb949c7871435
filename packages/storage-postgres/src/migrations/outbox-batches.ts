/**
 * Migration 2, second half: leasing and settling a batch in a few statements instead of some for each row.
 *
 * Rows are found one by one through their indexes (LATERAL … LIMIT or OFFSET 0) and then changed together by
 * where they lie (`ctid`), so that no plan made for an empty table can turn into a walk over a full one: the
 * functions that change them may use nothing but that. Under the lock of the programme's head nobody else
 * moves its rows, so a place found by one statement is still right in the next.
 */

const settings = `
SET search_path FROM CURRENT
SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off SET jit = off SET plan_cache_mode = force_generic_plan`

const byPlace = `${settings} SET enable_indexscan = off SET enable_indexonlyscan = off SET enable_bitmapscan = off`

/** Runs with `search_path` set to the schema, after migration 1. */
export const outboxBatches = `
CREATE FUNCTION lease_places(p text, places tid[], ids text[], worker text, until text) RETURNS TABLE (
  r_id text, r_ordering_key text, r_not_before text, r_body text, r_token bigint, r_attempts integer
)
LANGUAGE plpgsql${byPlace}
AS $$
BEGIN
  RETURN QUERY
    WITH leased AS (
      UPDATE outbox o SET token = o.token + 1, leased_by = worker, leased_until = until, ready_at = until
      WHERE o.programme = p AND o.ctid = ANY (places)
      RETURNING o.id, o.ordering_key, o.not_before, o.body, o.token, o.attempts
    )
    SELECT * FROM leased l ORDER BY array_position(ids, l.id);
END $$;

CREATE OR REPLACE FUNCTION lease_messages(
  release integer, wait_ms integer, p text, wanted_topic text, worker text, at text, until text, most integer
) RETURNS TABLE (
  r_id text, r_ordering_key text, r_not_before text, r_body text, r_token bigint, r_attempts integer
)
LANGUAGE plpgsql SECURITY DEFINER${settings}
AS $$
DECLARE
  places tid[];
  ids text[];
BEGIN
  PERFORM lock_head(release, wait_ms, p);
  SELECT array_agg(d.place ORDER BY d.ready_at, d.number, d.position),
    array_agg(d.id ORDER BY d.ready_at, d.number, d.position) INTO places, ids
  FROM (
    SELECT o.ctid AS place, o.id, o.ready_at, o.number, o.position FROM outbox o
    WHERE o.programme = p AND o.topic = wanted_topic AND o.ready_at <= at
    ORDER BY o.ready_at, o.number, o.position LIMIT most
  ) AS d;
  IF places IS NOT NULL THEN
    RETURN QUERY SELECT * FROM lease_places(p, places, ids, worker, until);
  END IF;
END $$;

CREATE FUNCTION settle_places(
  p text, places tid[], kinds text[], times text[], notes text[], flags boolean[]
) RETURNS void LANGUAGE plpgsql${byPlace}
AS $$
BEGIN
  UPDATE outbox o SET
    (status, settled_at, not_before, attempts, is_open, note) = (
      SELECT
        CASE kinds[s.at] WHEN 'retry' THEN 'pending' ELSE kinds[s.at] END,
        CASE kinds[s.at] WHEN 'retry' THEN NULL ELSE times[s.at] END,
        CASE kinds[s.at] WHEN 'retry' THEN times[s.at] ELSE o.not_before END,
        o.attempts + CASE WHEN kinds[s.at] = 'retry' AND flags[s.at] THEN 1 ELSE 0 END,
        CASE kinds[s.at] WHEN 'retry' THEN true WHEN 'dead' THEN flags[s.at] ELSE false END,
        notes[s.at]
      FROM (SELECT array_position(places, o.ctid) AS at) AS s
    ),
    ready_at = NULL, leased_by = NULL, leased_until = NULL
  WHERE o.programme = p AND o.ctid = ANY (places);
END $$;

CREATE FUNCTION mark_places(p text, places tid[]) RETURNS void LANGUAGE plpgsql${byPlace}
AS $$
BEGIN
  UPDATE outbox o SET ready_at = greatest(o.not_before, coalesce(o.leased_until, o.not_before))
  WHERE o.programme = p AND o.ctid = ANY (places);
END $$;

CREATE OR REPLACE FUNCTION settle_messages(
  release integer, wait_ms integer, p text,
  ids text[], tokens bigint[], kinds text[], times text[], notes text[], flags boolean[]
) RETURNS TABLE (r_nth integer)
LANGUAGE plpgsql SECURITY DEFINER${settings}
AS $$
DECLARE
  nths integer[];
  places tid[];
  topics text[];
  keys text[];
  newly_delivered bigint;
BEGIN
  PERFORM lock_head(release, wait_ms, p);
  -- A row that is named twice is settled by the first that fits; the other one is fenced.
  SELECT array_agg(f.nth), array_agg(f.place), array_agg(f.topic), array_agg(f.ordering_key)
    INTO nths, places, topics, keys
  FROM (
    SELECT DISTINCT ON (s.id) s.nth, o.place, o.topic, o.ordering_key
    FROM unnest(ids, tokens) WITH ORDINALITY AS s (id, token, nth),
      LATERAL (
        SELECT o.ctid AS place, o.topic, o.ordering_key FROM outbox o
        WHERE o.programme = p AND o.id = s.id AND o.token = s.token AND o.leased_until IS NOT NULL OFFSET 0
      ) AS o
    ORDER BY s.id, s.nth
  ) AS f;
  IF places IS NULL THEN
    RETURN;
  END IF;
  PERFORM settle_places(
    p, places, array_agg(kinds[n]), array_agg(times[n]), array_agg(notes[n]), array_agg(flags[n])
  ) FROM unnest(nths) AS n;
  PERFORM mark_places(p, array_agg(h.place))
  FROM (SELECT DISTINCT k.topic, k.ordering_key FROM unnest(topics, keys) AS k (topic, ordering_key)) AS k,
    LATERAL (
      SELECT o.ctid AS place, o.status FROM outbox o
      WHERE o.programme = p AND o.topic = k.topic AND o.ordering_key = k.ordering_key AND o.is_open
      ORDER BY o.number, o.position LIMIT 1
    ) AS h
  WHERE h.status = 'pending';
  SELECT count(*) INTO newly_delivered FROM unnest(nths) AS n WHERE kinds[n] = 'delivered';
  IF newly_delivered > 0 THEN
    UPDATE head SET delivered = delivered + newly_delivered WHERE programme = p;
  END IF;
  RETURN QUERY SELECT unnest(nths);
END $$;
`
