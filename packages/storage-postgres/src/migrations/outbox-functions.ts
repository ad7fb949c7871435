/**
 * Migration 1, last part: leasing, settling and redriving outbox rows inside the database.
 *
 * The one row of an ordering key that may go next carries `ready_at`: the instant at which it is due and in
 * nobody's lease. Every change moves that mark under the lock of the programme's head, so that a lease reads
 * only rows it may take, whatever waits behind them. Nothing is polled by "number greater than the last one".
 */

/** Runs with `search_path` set to the schema, after `commitFunctions`. */
export const outboxFunctions = `
CREATE FUNCTION mark_ready(p text, topics text[], keys text[]) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  UPDATE outbox o SET ready_at = greatest(o.not_before, coalesce(o.leased_until, o.not_before))
  FROM (SELECT DISTINCT k.topic, k.key FROM unnest(topics, keys) AS k (topic, key)) AS k
  CROSS JOIN LATERAL (
    SELECT i.number, i.position, i.status FROM outbox i
    WHERE i.programme = p AND i.topic = k.topic AND i.ordering_key = k.key AND i.is_open
    ORDER BY i.number, i.position LIMIT 1
  ) AS oldest
  WHERE o.programme = p AND o.number = oldest.number AND o.position = oldest.position
    AND oldest.status = 'pending';
END $$;

CREATE FUNCTION lease_messages(
  release integer, wait_ms integer, p text, wanted_topic text, worker text, at text, until text, most integer
) RETURNS TABLE (
  r_id text, r_ordering_key text, r_not_before text, r_body text, r_token bigint, r_attempts integer
)
LANGUAGE plpgsql SECURITY DEFINER
SET search_path FROM CURRENT
SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off SET jit = off
AS $$
BEGIN
  PERFORM lock_head(release, wait_ms, p);
  RETURN QUERY
    WITH due AS MATERIALIZED (
      SELECT o.number, o.position, o.ready_at FROM outbox o
      WHERE o.programme = p AND o.topic = wanted_topic AND o.ready_at <= at
      ORDER BY o.ready_at, o.number, o.position LIMIT most
    ), leased AS (
      UPDATE outbox o SET token = o.token + 1, leased_by = worker, leased_until = until, ready_at = until
      FROM due WHERE o.programme = p AND o.number = due.number AND o.position = due.position
      RETURNING o.*, due.ready_at AS due_since
    )
    SELECT l.id, l.ordering_key, l.not_before, l.body, l.token, l.attempts FROM leased AS l
    ORDER BY l.due_since, l.number, l.position;
END $$;

CREATE FUNCTION settle_messages(
  release integer, wait_ms integer, p text,
  ids text[], tokens bigint[], kinds text[], times text[], notes text[], flags boolean[]
) RETURNS TABLE (r_nth integer)
LANGUAGE plpgsql SECURITY DEFINER
SET search_path FROM CURRENT
SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off SET jit = off
AS $$
DECLARE
  settled integer[];
  topics text[];
  keys text[];
  newly_delivered bigint;
BEGIN
  PERFORM lock_head(release, wait_ms, p);
  WITH hit AS MATERIALIZED (
    SELECT DISTINCT ON (o.number, o.position) o.number, o.position, o.topic, o.ordering_key,
      s.kind, s.at, s.note, s.flag, s.nth
    FROM unnest(ids, tokens, kinds, times, notes, flags) WITH ORDINALITY AS s (id, token, kind, at, note, flag, nth)
    JOIN outbox o ON o.programme = p AND o.id = s.id
    WHERE o.token = s.token AND o.leased_until IS NOT NULL
    ORDER BY o.number, o.position, s.nth
  ), done AS (
    UPDATE outbox o SET
      status = CASE h.kind WHEN 'retry' THEN 'pending' ELSE h.kind END,
      settled_at = CASE h.kind WHEN 'retry' THEN NULL ELSE h.at END,
      not_before = CASE h.kind WHEN 'retry' THEN h.at ELSE o.not_before END,
      attempts = o.attempts + CASE WHEN h.kind = 'retry' AND h.flag THEN 1 ELSE 0 END,
      is_open = CASE h.kind WHEN 'retry' THEN true WHEN 'dead' THEN h.flag ELSE false END,
      note = h.note, ready_at = NULL, leased_by = NULL, leased_until = NULL
    FROM hit AS h WHERE o.programme = p AND o.number = h.number AND o.position = h.position
    RETURNING h.nth, h.topic, h.ordering_key, h.kind
  )
  SELECT array_agg(d.nth::integer), array_agg(d.topic), array_agg(d.ordering_key),
    count(*) FILTER (WHERE d.kind = 'delivered')
  INTO settled, topics, keys, newly_delivered FROM done AS d;
  PERFORM mark_ready(p, topics, keys);
  IF newly_delivered > 0 THEN
    UPDATE head SET delivered = delivered + newly_delivered WHERE programme = p;
  END IF;
  RETURN QUERY SELECT nth FROM unnest(settled) AS nth;
END $$;

CREATE FUNCTION redrive_message(release integer, wait_ms integer, p text, wanted_id text, due_at text)
RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER
SET search_path FROM CURRENT
SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off SET jit = off
AS $$
DECLARE
  again record;
BEGIN
  PERFORM lock_head(release, wait_ms, p);
  UPDATE outbox o SET status = 'pending', is_open = true, not_before = due_at, attempts = 0, settled_at = NULL
  WHERE o.programme = p AND o.id = wanted_id AND o.status = 'dead'
  RETURNING o.topic, o.ordering_key INTO again;
  IF NOT FOUND THEN
    RETURN false;
  END IF;
  UPDATE outbox o SET ready_at = NULL
  WHERE o.programme = p AND o.topic = again.topic AND o.ordering_key = again.ordering_key AND o.is_open
    AND o.ready_at IS NOT NULL;
  PERFORM mark_ready(p, ARRAY[again.topic], ARRAY[again.ordering_key]);
  RETURN true;
END $$;
`
