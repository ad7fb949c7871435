/**
 * Migration 1, last part: leasing, settling and redriving outbox rows inside the database.
 *
 * The one row of an ordering key that may go next carries `ready_at`: the instant at which it is due and in
 * nobody's lease. Every change moves that mark under the lock of the programme's head, so that a lease reads
 * only rows it may take, whatever waits behind them. Nothing is polled by "number greater than the last one".
 */

/** Runs with `search_path` set to the schema, after `commitFunctions`. */
export const outboxFunctions = `
CREATE FUNCTION mark_ready(p text, wanted_topic text, wanted_key text) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  oldest record;
BEGIN
  SELECT o.number, o.position, o.status INTO oldest FROM outbox o
  WHERE o.programme = p AND o.topic = wanted_topic AND o.ordering_key = wanted_key AND o.is_open
  ORDER BY o.number, o.position LIMIT 1;
  IF FOUND AND oldest.status = 'pending' THEN
    UPDATE outbox o SET ready_at = greatest(o.not_before, coalesce(o.leased_until, o.not_before))
    WHERE o.programme = p AND o.number = oldest.number AND o.position = oldest.position;
  END IF;
END $$;

CREATE FUNCTION lease_messages(
  release integer, wait_ms integer, p text, wanted_topic text, worker text, at text, until text, most integer
) RETURNS TABLE (
  r_id text, r_ordering_key text, r_not_before text, r_body text, r_token bigint, r_attempts integer
)
LANGUAGE plpgsql SECURITY DEFINER
SET search_path FROM CURRENT
SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off SET jit = off SET plan_cache_mode = force_generic_plan
AS $$
DECLARE
  due record;
BEGIN
  PERFORM lock_head(release, wait_ms, p);
  FOR due IN
    SELECT o.number, o.position FROM outbox o
    WHERE o.programme = p AND o.topic = wanted_topic AND o.ready_at <= at
    ORDER BY o.ready_at, o.number, o.position LIMIT most
  LOOP
    RETURN QUERY
      UPDATE outbox o SET token = o.token + 1, leased_by = worker, leased_until = until, ready_at = until
      WHERE o.programme = p AND o.number = due.number AND o.position = due.position
      RETURNING o.id, o.ordering_key, o.not_before, o.body, o.token, o.attempts;
  END LOOP;
END $$;

CREATE FUNCTION settle_messages(
  release integer, wait_ms integer, p text,
  ids text[], tokens bigint[], kinds text[], times text[], notes text[], flags boolean[]
) RETURNS TABLE (r_nth integer)
LANGUAGE plpgsql SECURITY DEFINER
SET search_path FROM CURRENT
SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off SET jit = off SET plan_cache_mode = force_generic_plan
AS $$
DECLARE
  one record;
  hit record;
  newly_delivered bigint := 0;
BEGIN
  PERFORM lock_head(release, wait_ms, p);
  FOR one IN
    SELECT * FROM unnest(ids, tokens, kinds, times, notes, flags)
      WITH ORDINALITY AS s (id, token, kind, at, note, flag, nth)
    ORDER BY s.nth
  LOOP
    UPDATE outbox o SET
      status = CASE one.kind WHEN 'retry' THEN 'pending' ELSE one.kind END,
      settled_at = CASE one.kind WHEN 'retry' THEN NULL ELSE one.at END,
      not_before = CASE one.kind WHEN 'retry' THEN one.at ELSE o.not_before END,
      attempts = o.attempts + CASE WHEN one.kind = 'retry' AND one.flag THEN 1 ELSE 0 END,
      is_open = CASE one.kind WHEN 'retry' THEN true WHEN 'dead' THEN one.flag ELSE false END,
      note = one.note, ready_at = NULL, leased_by = NULL, leased_until = NULL
    WHERE o.programme = p AND o.id = one.id AND o.token = one.token AND o.leased_until IS NOT NULL
    RETURNING o.topic, o.ordering_key INTO hit;
    CONTINUE WHEN NOT FOUND;
    IF one.kind = 'delivered' THEN
      newly_delivered := newly_delivered + 1;
    END IF;
    PERFORM mark_ready(p, hit.topic, hit.ordering_key);
    r_nth := one.nth;
    RETURN NEXT;
  END LOOP;
  IF newly_delivered > 0 THEN
    UPDATE head SET delivered = delivered + newly_delivered WHERE programme = p;
  END IF;
END $$;

CREATE FUNCTION redrive_message(release integer, wait_ms integer, p text, wanted_id text, due_at text)
RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER
SET search_path FROM CURRENT
SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off SET jit = off SET plan_cache_mode = force_generic_plan
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
  PERFORM mark_ready(p, again.topic, again.ordering_key);
  RETURN true;
END $$;
`
