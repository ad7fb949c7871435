/**
 * Leasing, settling, parking and redriving messages inside the database.
 *
 * Every change moves the turn of an ordering key under the lock of the programme's head, so that a lease reads
 * only rows it may take, whatever waits behind them. Nothing is polled by "number greater than the last one".
 *
 * Rows of a batch are found one by one through their indexes (LATERAL … LIMIT or OFFSET 0) and then changed
 * together by where they lie (`ctid`), in functions that may plan nothing else, so that no plan made for an
 * empty table can turn into a walk over a full one. Nobody else moves a programme's rows while its head is
 * locked, so a place found by one statement is still right in the next. What settles and leases in one call
 * (`turn_messages`) saves a transaction and a round trip.
 */
import { byKey, byPlace } from "./function-settings.ts"

/** Runs with `search_path` set to the schema, after `turns` and `commitFunctions`. */
export const outboxFunctions = `
CREATE OR REPLACE FUNCTION lease_turns(p text, places tid[], worker text, until text) RETURNS void
LANGUAGE plpgsql${byPlace}
AS $$
BEGIN
  UPDATE turn t SET token = t.token + 1, leased_by = worker, leased_until = until, ready_at = until
  WHERE t.programme = p AND t.ctid = ANY (places);
END $$;

CREATE OR REPLACE FUNCTION lease_rows(p text, wanted_topic text, worker text, at text, until text, most integer)
RETURNS TABLE (
  r_id text, r_ordering_key text, r_not_before text, r_body text, r_token bigint, r_attempts integer,
  r_note text
)
LANGUAGE plpgsql${byKey}
AS $$
DECLARE
  places tid[];
  numbers bigint[];
  positions integer[];
  tokens bigint[];
BEGIN
  SELECT array_agg(d.place), array_agg(d.number), array_agg(d.position), array_agg(d.token + 1)
    INTO places, numbers, positions, tokens
  FROM (
    SELECT t.ctid AS place, t.number, t.position, t.token FROM turn t
    WHERE t.programme = p AND t.topic = wanted_topic AND t.ready_at <= at
    ORDER BY t.ready_at, t.number, t.position LIMIT most
  ) AS d;
  IF places IS NULL THEN
    RETURN;
  END IF;
  PERFORM lease_turns(p, places, worker, until);
  RETURN QUERY
    SELECT o.id, o.ordering_key, o.not_before, o.body, l.token, o.attempts, o.note
    FROM unnest(numbers, positions, tokens) WITH ORDINALITY AS l (number, position, token, nth),
      LATERAL (
        SELECT o.id, o.ordering_key, o.not_before, o.body, o.attempts, o.note FROM outbox o
        WHERE o.programme = p AND (o.number, o.position) >= (l.number, l.position)
        ORDER BY o.number, o.position LIMIT 1
      ) AS o
    ORDER BY l.nth;
END $$;

CREATE OR REPLACE FUNCTION lease_messages(
  release integer, wait_ms integer, p text, wanted_topic text, worker text, at text, until text, most integer
) RETURNS TABLE (
  r_id text, r_ordering_key text, r_not_before text, r_body text, r_token bigint, r_attempts integer,
  r_note text
)
LANGUAGE plpgsql SECURITY DEFINER${byKey}
AS $$
BEGIN
  -- Whoever finds nothing due waits for nobody and writes nothing.
  IF (SELECT true FROM turn t WHERE t.programme = p AND t.topic = wanted_topic AND t.ready_at <= at LIMIT 1) THEN
    PERFORM lock_head(release, wait_ms, p);
    RETURN QUERY SELECT * FROM lease_rows(p, wanted_topic, worker, at, until, most);
  END IF;
END $$;

CREATE OR REPLACE FUNCTION end_turns(p text, places tid[]) RETURNS void LANGUAGE plpgsql${byPlace}
AS $$
BEGIN
  DELETE FROM turn t WHERE t.programme = p AND t.ctid = ANY (places);
END $$;

CREATE OR REPLACE FUNCTION settle_places(
  p text, places tid[], tokens bigint[], kinds text[], times text[], notes text[], flags boolean[]
) RETURNS void LANGUAGE plpgsql${byPlace}
AS $$
BEGIN
  UPDATE outbox o SET
    status = CASE s.kind WHEN 'retry' THEN 'pending' ELSE s.kind END,
    settled_at = CASE s.kind WHEN 'retry' THEN NULL ELSE s.at END,
    not_before = CASE s.kind WHEN 'retry' THEN s.at ELSE o.not_before END,
    attempts = o.attempts + CASE WHEN s.kind = 'retry' AND s.flag THEN 1 ELSE 0 END,
    is_open = CASE s.kind WHEN 'retry' THEN true WHEN 'dead' THEN s.flag ELSE false END,
    note = s.note, token = s.token
  FROM unnest(places, tokens, kinds, times, notes, flags) AS s (place, token, kind, at, note, flag)
  WHERE o.programme = p AND o.ctid = s.place;
END $$;

CREATE OR REPLACE FUNCTION begin_turns(p text, topics text[], keys text[]) RETURNS void LANGUAGE plpgsql${byKey}
AS $$
BEGIN
  INSERT INTO turn AS t (programme, number, position, topic, ready_at, token)
  SELECT p, h.number, h.position, k.topic, h.not_before, h.token
  FROM (SELECT DISTINCT k.topic, k.ordering_key FROM unnest(topics, keys) AS k (topic, ordering_key)) AS k,
    LATERAL (
      SELECT o.number, o.position, o.not_before, o.token, o.status, o.ordering_key FROM outbox o
      WHERE o.programme = p AND o.topic = k.topic AND o.ordering_key >= k.ordering_key AND o.is_open
      ORDER BY o.ordering_key, o.number, o.position LIMIT 1
    ) AS h
  WHERE h.status = 'pending' AND h.ordering_key = k.ordering_key
  ON CONFLICT (programme, number, position) DO UPDATE
    SET ready_at = greatest(excluded.ready_at, coalesce(t.leased_until, excluded.ready_at));
END $$;

CREATE OR REPLACE FUNCTION settle_rows(
  p text, ids text[], tokens bigint[], kinds text[], times text[], notes text[], flags boolean[]
) RETURNS integer[]
LANGUAGE plpgsql${byKey}
AS $$
DECLARE
  found record;
  newly_delivered bigint;
BEGIN
  -- A row that is named twice is settled by the first that fits; the other one is fenced.
  SELECT array_agg(f.nth::integer) AS nths, array_agg(f.place) AS places, array_agg(f.turn_place) AS turn_places,
    array_agg(f.topic) AS topics, array_agg(f.ordering_key) AS keys, array_agg(f.token) AS tokens,
    array_agg(f.kind) AS kinds, array_agg(f.at) AS times, array_agg(f.note) AS notes, array_agg(f.flag) AS flags
    INTO found
  FROM (
    SELECT DISTINCT ON (o.number, o.position) s.*, o.place, o.topic, o.ordering_key, t.place AS turn_place
    FROM unnest(ids, tokens, kinds, times, notes, flags) WITH ORDINALITY
        AS s (id, token, kind, at, note, flag, nth),
      LATERAL (
        SELECT o.ctid AS place, o.id, o.number, o.position, o.topic, o.ordering_key FROM outbox o
        WHERE o.programme = p AND o.id >= s.id ORDER BY o.id LIMIT 1
      ) AS o,
      LATERAL (
        SELECT t.ctid AS place FROM turn t
        WHERE t.programme = p AND t.number = o.number AND t.position = o.position AND t.token = s.token
          AND t.leased_until IS NOT NULL OFFSET 0
      ) AS t
    WHERE o.id = s.id
    ORDER BY o.number, o.position, s.nth
  ) AS f;
  IF found.places IS NULL THEN
    RETURN '{}';
  END IF;
  PERFORM end_turns(p, found.turn_places);
  PERFORM settle_places(p, found.places, found.tokens, found.kinds, found.times, found.notes, found.flags);
  PERFORM begin_turns(p, found.topics, found.keys);
  newly_delivered := cardinality(array_positions(found.kinds, 'delivered'));
  IF newly_delivered > 0 THEN
    UPDATE head SET delivered = delivered + newly_delivered WHERE programme = p;
  END IF;
  RETURN found.nths;
END $$;

CREATE OR REPLACE FUNCTION settle_messages(
  release integer, wait_ms integer, p text,
  ids text[], tokens bigint[], kinds text[], times text[], notes text[], flags boolean[]
) RETURNS TABLE (r_nth integer)
LANGUAGE plpgsql SECURITY DEFINER${byKey}
AS $$
BEGIN
  PERFORM lock_head(release, wait_ms, p);
  RETURN QUERY SELECT unnest(settle_rows(p, ids, tokens, kinds, times, notes, flags));
END $$;

CREATE OR REPLACE FUNCTION turn_messages(
  release integer, wait_ms integer, p text,
  ids text[], tokens bigint[], kinds text[], times text[], notes text[], flags boolean[],
  wanted_topic text, worker text, at text, until text, most integer
) RETURNS TABLE (
  r_id text, r_ordering_key text, r_not_before text, r_body text, r_token bigint, r_attempts integer,
  r_note text, r_settled integer[]
)
LANGUAGE plpgsql SECURITY DEFINER${byKey}
AS $$
BEGIN
  PERFORM lock_head(release, wait_ms, p);
  r_settled := settle_rows(p, ids, tokens, kinds, times, notes, flags);
  RETURN NEXT;
  RETURN QUERY SELECT l.*, NULL::integer[] FROM lease_rows(p, wanted_topic, worker, at, until, most) AS l;
END $$;

CREATE OR REPLACE FUNCTION move_turn(p text, wanted_topic text, wanted_key text) RETURNS void
LANGUAGE plpgsql${byKey}
AS $$
DECLARE
  one record;
BEGIN
  FOR one IN
    SELECT o.number, o.position, t.leased_until
    FROM outbox o,
      LATERAL (
        SELECT t.leased_until FROM turn t
        WHERE t.programme = p AND t.number = o.number AND t.position = o.position OFFSET 0
      ) AS t
    WHERE o.programme = p AND o.topic = wanted_topic AND o.ordering_key = wanted_key AND o.is_open
    ORDER BY o.topic, o.ordering_key, o.number, o.position
  LOOP
    IF one.leased_until IS NULL THEN
      DELETE FROM turn t WHERE t.programme = p AND t.number = one.number AND t.position = one.position;
    ELSE
      UPDATE turn t SET ready_at = NULL
      WHERE t.programme = p AND t.number = one.number AND t.position = one.position;
    END IF;
  END LOOP;
  PERFORM begin_turns(p, ARRAY[wanted_topic], ARRAY[wanted_key]);
END $$;

CREATE OR REPLACE FUNCTION redrive_message(
  release integer, wait_ms integer, p text, wanted_id text, due_at text
) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER${byKey}
AS $$
DECLARE
  again record;
BEGIN
  PERFORM lock_head(release, wait_ms, p);
  SELECT o.ctid AS place, o.id, o.status, o.topic, o.ordering_key INTO again FROM outbox o
  WHERE o.programme = p AND o.id >= wanted_id ORDER BY o.id LIMIT 1;
  IF again.id IS DISTINCT FROM wanted_id OR again.status <> 'dead' THEN
    RETURN false;
  END IF;
  UPDATE outbox o SET status = 'pending', is_open = true, not_before = due_at, attempts = 0, settled_at = NULL
  WHERE o.programme = p AND o.ctid = again.place;
  PERFORM move_turn(p, again.topic, again.ordering_key);
  RETURN true;
END $$;

CREATE OR REPLACE FUNCTION park_message(
  release integer, wait_ms integer, p text, wanted_id text, at text, why text, blocks boolean
) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER${byKey}
AS $$
DECLARE
  parked record;
  turned record;
BEGIN
  PERFORM lock_head(release, wait_ms, p);
  SELECT o.ctid AS place, o.id, o.number, o.position, o.topic, o.ordering_key, o.status INTO parked FROM outbox o
  WHERE o.programme = p AND o.id >= wanted_id ORDER BY o.id LIMIT 1;
  IF parked.id IS DISTINCT FROM wanted_id OR parked.status = 'delivered' THEN
    RETURN false;
  END IF;
  SELECT t.token, t.leased_until INTO turned FROM turn t
  WHERE t.programme = p AND t.number = parked.number AND t.position = parked.position;
  IF turned.leased_until > at THEN
    RETURN false;
  END IF;
  DELETE FROM turn t WHERE t.programme = p AND t.number = parked.number AND t.position = parked.position;
  UPDATE outbox o SET
    settled_at = CASE o.status WHEN 'dead' THEN o.settled_at ELSE at END,
    status = 'dead', note = why, is_open = blocks, token = coalesce(turned.token, o.token)
  WHERE o.programme = p AND o.ctid = parked.place;
  PERFORM move_turn(p, parked.topic, parked.ordering_key);
  RETURN true;
END $$;
`
