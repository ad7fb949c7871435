/**
 * What happens inside the database when commands are committed or documents are restated.
 *
 * Every function that writes locks the head of its programme first, waits for it a bounded time, and then sees
 * whatever was committed before, because each statement of a VOLATILE function has a snapshot of its own. So
 * there is nothing left to race for, and no order of locks in which two could wait for each other. That holds under
 * READ COMMITTED alone: a transaction of another level keeps the snapshot it had before it waited, and is refused.
 *
 * `commit_batch` gets commands in waves. No command of a wave reads or writes what another one of the same
 * wave writes, tallies excepted, so that a wave is checked as a whole and written as a whole. Tallies are
 * shared by nearly every command: where the sum of a wave could leave the safe integers, its commands are
 * answered `again`, and the caller sends them one by one.
 *
 * Tables are looked into row by row (`LATERAL … OFFSET 0`, subqueries of one value, loops), and never by a join or
 * EXISTS: plans are made while tables are empty, and a join or hash planned then reads all of a programme's rows
 * once they have grown. For an empty table every index led by the programme costs the same, too; so a table with
 * several is asked for the first row at or behind a key, in the order of the one index that is meant
 * (`>= … ORDER BY … LIMIT 1`, sorting switched off), and the answer is compared.
 *
 * The functions run with the rights of the schema's owner, so that an application needs none to write tables.
 */
import { byKey } from "./function-settings.ts"

/** The lock that every writing function takes first; it knows which release the schema is for. */
const lockHead = (
  schema: number,
): string => `CREATE OR REPLACE FUNCTION lock_head(release integer, wait_ms integer, p text) RETURNS standing LANGUAGE plpgsql AS $$
DECLARE
  stands standing;
BEGIN
  IF release <> ${schema} THEN
    RAISE EXCEPTION 'this database has schema ${schema}' USING ERRCODE = 'YS001';
  END IF;
  IF current_setting('transaction_isolation') <> 'read committed' THEN
    RAISE EXCEPTION 'this transaction would not see what was committed while it waited' USING ERRCODE = 'YS002';
  END IF;
  IF current_setting('synchronous_commit') = 'off' THEN
    PERFORM set_config('synchronous_commit', 'on', true);
  END IF;
  PERFORM set_config('lock_timeout', wait_ms::text, true);
  SELECT h.number, h.hash INTO stands FROM head h WHERE h.programme = p FOR UPDATE;
  IF NOT FOUND THEN
    INSERT INTO head VALUES (p, 0, decode(repeat('00', 32), 'hex'), 0) ON CONFLICT DO NOTHING;
    SELECT h.number, h.hash INTO stands FROM head h WHERE h.programme = p FOR UPDATE;
  END IF;
  RETURN stands;
END $$;`

/**
 * Run with `search_path` set to the schema, whose version is `schema`. Their argument `release` is the version that
 * the caller was built for.
 */
export const commitFunctions = (schema: number): string => `
${lockHead(schema)}

CREATE OR REPLACE FUNCTION replace_entries(p text, streams text[], packed text[]) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  gone record;
  changed_streams text[];
  stored text[];
  wanted text[];
BEGIN
  SELECT array_agg(a.stream), array_agg(a.stored), array_agg(a.packed) INTO changed_streams, stored, wanted
  FROM (
    SELECT a.stream, a.packed, coalesce(
      (SELECT s.entries FROM stream s WHERE s.programme = p AND s.name = a.stream), '[]') AS stored
    FROM unnest(streams, packed) AS a (stream, packed)
  ) AS a
  WHERE a.stored <> a.packed;
  FOR gone IN
    SELECT a.stream, e->>0 AS name, e->>1 AS equals, e->>2 AS range
    FROM unnest(changed_streams, stored) AS a (stream, packed), json_array_elements(a.packed::json) AS e
    EXCEPT
    SELECT a.stream, e->>0, e->>1, e->>2
    FROM unnest(changed_streams, wanted) AS a (stream, packed), json_array_elements(a.packed::json) AS e
  LOOP
    DELETE FROM entry e WHERE e.programme = p AND e.name = gone.name AND e.equals = gone.equals
      AND e.range = gone.range AND e.stream = gone.stream;
  END LOOP;
  INSERT INTO entry (programme, name, equals, range, stream)
  SELECT p, n.name, n.equals, n.range, n.stream FROM (
    SELECT a.stream, e->>0 AS name, e->>1 AS equals, e->>2 AS range
    FROM unnest(changed_streams, wanted) AS a (stream, packed), json_array_elements(a.packed::json) AS e
    EXCEPT
    SELECT a.stream, e->>0, e->>1, e->>2
    FROM unnest(changed_streams, stored) AS a (stream, packed), json_array_elements(a.packed::json) AS e
  ) AS n;
END $$;

CREATE OR REPLACE FUNCTION commit_batch(
  release integer, wait_ms integer, p text, waves integer[],
  ids text[], digests text[], texts text[], leaves text[],
  a_at integer[], a_place integer[], a_stream text[], a_expected bigint[], a_events integer[], a_fold bigint[],
  a_packed text[], a_document text[],
  g_at integer[], g_stream text[], g_version bigint[],
  k_at integer[], k_take boolean[], k_key text[], k_holder text[],
  t_at integer[], t_key text[], t_by bigint[],
  m_at integer[], m_place integer[], m_id text[], m_topic text[], m_ordering text[], m_not_before text[],
  m_body text[]
) RETURNS TABLE (
  r_at integer, r_kind text, r_subject text, r_holder text, r_number bigint, r_hash text,
  r_command text, r_digest text, r_entry text, r_leaf text
)
LANGUAGE plpgsql SECURITY DEFINER${byKey}
AS $$
DECLARE
  stands standing := lock_head(release, wait_ms, p);
  first_number CONSTANT bigint := stands.number;
  chained text := encode(stands.hash, 'hex');
  numbers bigint[] := array_fill(0::bigint, ARRAY[cardinality(ids)]);
  hashes text[] := array_fill(''::text, ARRAY[cardinality(ids)]);
  verdicts verdict[] := '{}';
  bad verdict[];
  refused integer[];
  low integer := 1;
  high integer;
  changed_streams text[];
  changed_entries text[];
  latest record;
BEGIN
  FOREACH high IN ARRAY waves LOOP
    SELECT array_agg(v::verdict) INTO bad FROM (
      SELECT DISTINCT ON (x.at) x.at, x.kind, x.subject, x.holder, x.number FROM (
        SELECT c.at::integer, 0 AS step, 0::bigint AS nth,
          CASE WHEN j.digest = decode(c.digest, 'hex') THEN 'repeated' ELSE 'mismatch' END AS kind,
          NULL::text AS subject, NULL::text AS holder, j.number
        FROM unnest(ids, digests) WITH ORDINALITY AS c (id, digest, at)
        CROSS JOIN LATERAL (
          SELECT j.number, j.digest, j.command FROM journal j WHERE j.programme = p AND j.command >= c.id
          ORDER BY j.command LIMIT 1
        ) AS j
        WHERE c.at BETWEEN low AND high AND j.command = c.id
        UNION ALL
        SELECT a.at, 1, a.nth, 'conflict', a.stream, NULL, coalesce(s.version, 0)
        FROM unnest(a_at, a_stream, a_expected) WITH ORDINALITY AS a (at, stream, expected, nth)
        LEFT JOIN LATERAL (
          SELECT s.version FROM stream s WHERE s.programme = p AND s.name = a.stream OFFSET 0
        ) AS s ON true
        WHERE a.at BETWEEN low AND high AND coalesce(s.version, 0) <> a.expected
        UNION ALL
        SELECT g.at, 2, g.nth, 'conflict', g.stream, NULL, coalesce(s.version, 0)
        FROM unnest(g_at, g_stream, g_version) WITH ORDINALITY AS g (at, stream, version, nth)
        LEFT JOIN LATERAL (
          SELECT s.version FROM stream s WHERE s.programme = p AND s.name = g.stream OFFSET 0
        ) AS s ON true
        WHERE g.at BETWEEN low AND high AND coalesce(s.version, 0) <> g.version
        UNION ALL
        SELECT k.at, 3, k.nth, 'claimed', k.key, k.held, NULL
        FROM (
          SELECT k.*, CASE
            WHEN lag(k.at) OVER earlier IS NULL
              THEN (SELECT c.holder FROM claim c WHERE c.programme = p AND c.key = k.key)
            WHEN lag(k.take) OVER earlier THEN lag(k.holder) OVER earlier
          END AS held
          FROM unnest(k_at, k_take, k_key, k_holder) WITH ORDINALITY AS k (at, take, key, holder, nth)
          WHERE k.at BETWEEN low AND high
          WINDOW earlier AS (PARTITION BY k.at, k.key ORDER BY k.nth)
        ) AS k
        WHERE CASE WHEN k.take THEN k.held IS NOT NULL ELSE k.held IS DISTINCT FROM k.holder END
        UNION ALL
        SELECT m.at, 4, m.nth, 'duplicate-message', m.id, NULL, NULL
        FROM (
          SELECT m.*, row_number() OVER (PARTITION BY m.at, m.id ORDER BY m.nth) AS copy
          FROM unnest(m_at, m_id) WITH ORDINALITY AS m (at, id, nth)
          WHERE m.at BETWEEN low AND high
        ) AS m
        WHERE m.copy > 1 OR m.id =
          (SELECT o.id FROM outbox o WHERE o.programme = p AND o.id >= m.id ORDER BY o.id LIMIT 1)
        UNION ALL
        SELECT t.at, 5, t.nth, CASE WHEN t.shared THEN 'again' ELSE 'overflow' END, NULL, NULL, NULL
        FROM (
          SELECT t.at, t.nth, min(t.at) OVER everybody < max(t.at) OVER everybody AS shared,
            y.value + sum(t.by) OVER (PARTITION BY t.at, t.key ORDER BY t.nth) AS own,
            y.value + sum(greatest(t.by, 0)) OVER everybody AS most,
            y.value + sum(least(t.by, 0)) OVER everybody AS least
          FROM unnest(t_at, t_key, t_by) WITH ORDINALITY AS t (at, key, by, nth)
          CROSS JOIN LATERAL (
            SELECT coalesce((SELECT y.value FROM tally y WHERE y.programme = p AND y.key = t.key), 0) AS value
            OFFSET 0
          ) AS y
          WHERE t.at BETWEEN low AND high
          WINDOW everybody AS (PARTITION BY t.key)
        ) AS t
        WHERE CASE WHEN t.shared THEN t.most > 9007199254740991 OR t.least < -9007199254740991
          ELSE t.own NOT BETWEEN -9007199254740991 AND 9007199254740991 END
      ) AS x
      ORDER BY x.at, x.step, x.nth
    ) AS v;
    verdicts := verdicts || bad;
    refused := ARRAY(SELECT v.at FROM unnest(bad) AS v);

    FOR i IN low..high LOOP
      CONTINUE WHEN i = ANY (refused);
      stands.number := stands.number + 1;
      chained := encode(sha256(convert_to('yingshao/journal/1' || chr(10) || stands.number || chr(10) || chained
        || chr(10) || leaves[i], 'UTF8')), 'hex');
      numbers[i] := stands.number;
      hashes[i] := chained;
    END LOOP;

    INSERT INTO journal (programme, number, command, digest, entry, leaf, hash)
    SELECT p, numbers[c.at], c.id, decode(c.digest, 'hex'), c.entry, decode(c.leaf, 'hex'), decode(c.hash, 'hex')
    FROM unnest(ids, digests, texts, leaves, hashes) WITH ORDINALITY AS c (id, digest, entry, leaf, hash, at)
    WHERE c.at BETWEEN low AND high AND numbers[c.at] > 0;

    SELECT array_agg(a.stream), array_agg(a.packed) INTO changed_streams, changed_entries
    FROM unnest(a_at, a_stream, a_packed) AS a (at, stream, packed)
    WHERE a.at BETWEEN low AND high AND numbers[a.at] > 0;
    PERFORM replace_entries(p, changed_streams, changed_entries);

    WITH written AS (
      INSERT INTO stream AS s (programme, name, id, number, version, fold, entries, document)
      SELECT p, a.stream, numbers[a.at] * 256 + a.place, numbers[a.at], a.expected + a.events, a.fold, a.packed,
        a.document
      FROM unnest(a_at, a_place, a_stream, a_expected, a_events, a_fold, a_packed, a_document)
        AS a (at, place, stream, expected, events, fold, packed, document)
      WHERE a.at BETWEEN low AND high AND numbers[a.at] > 0
      ON CONFLICT (programme, name) DO UPDATE SET number = excluded.number, version = excluded.version,
        fold = excluded.fold, entries = excluded.entries, document = excluded.document
      RETURNING s.id, s.number
    )
    INSERT INTO touch (programme, stream, number) SELECT p, w.id, w.number FROM written AS w;

    IF cardinality(k_at) > 0 THEN
      FOR latest IN
        SELECT DISTINCT ON (k.key) k.key, k.take, k.holder
        FROM unnest(k_at, k_take, k_key, k_holder) WITH ORDINALITY AS k (at, take, key, holder, nth)
        WHERE k.at BETWEEN low AND high AND numbers[k.at] > 0
        ORDER BY k.key, k.nth DESC
      LOOP
        IF latest.take THEN
          INSERT INTO claim (programme, key, holder) VALUES (p, latest.key, latest.holder)
          ON CONFLICT (programme, key) DO UPDATE SET holder = excluded.holder;
        ELSE
          DELETE FROM claim c WHERE c.programme = p AND c.key = latest.key;
        END IF;
      END LOOP;
    END IF;

    IF cardinality(t_at) > 0 THEN
      INSERT INTO tally AS y (programme, key, value)
      SELECT p, t.key, sum(t.by)::bigint
      FROM unnest(t_at, t_key, t_by) AS t (at, key, by)
      WHERE t.at BETWEEN low AND high AND numbers[t.at] > 0
      GROUP BY t.key
      ON CONFLICT (programme, key) DO UPDATE SET value = y.value + excluded.value;
    END IF;

    IF cardinality(m_at) > 0 THEN
      -- Both see the outbox as it was before: whoever is first of a key that has nothing open has the turn.
      WITH written AS (
        INSERT INTO outbox (programme, number, position, id, topic, ordering_key, not_before, body)
        SELECT p, numbers[m.at], m.place, m.id, m.topic, m.ordering, m.not_before, m.body
        FROM unnest(m_at, m_place, m_id, m_topic, m_ordering, m_not_before, m_body)
          AS m (at, place, id, topic, ordering, not_before, body)
        WHERE m.at BETWEEN low AND high AND numbers[m.at] > 0
      )
      INSERT INTO turn (programme, number, position, topic, ready_at, token)
      SELECT p, numbers[m.at], m.place, m.topic, m.not_before, 0
      FROM (
        SELECT DISTINCT ON (m.topic, m.ordering) m.*
        FROM unnest(m_at, m_place, m_topic, m_ordering, m_not_before)
          AS m (at, place, topic, ordering, not_before)
        WHERE m.at BETWEEN low AND high AND numbers[m.at] > 0
        ORDER BY m.topic, m.ordering, m.at, m.place
      ) AS m
      WHERE m.ordering IS DISTINCT FROM (
        SELECT o.ordering_key FROM outbox o
        WHERE o.programme = p AND o.topic = m.topic AND o.ordering_key >= m.ordering AND o.is_open
        ORDER BY o.ordering_key, o.number, o.position LIMIT 1
      );
    END IF;

    low := high + 1;
  END LOOP;

  IF stands.number > first_number THEN
    UPDATE head SET number = stands.number, hash = decode(chained, 'hex') WHERE programme = p;
  END IF;

  RETURN QUERY
    SELECT i, 'committed'::text, NULL::text, NULL::text, numbers[i], hashes[i], NULL::text, NULL::text, NULL::text,
      NULL::text
    FROM generate_series(1, cardinality(ids)) AS i WHERE numbers[i] > 0;
  IF cardinality(verdicts) > 0 THEN
    RETURN QUERY
      SELECT v.at, v.kind, v.subject, v.holder, v.number, encode(j.hash, 'hex'), j.command,
        encode(j.digest, 'hex'), j.entry, encode(j.leaf, 'hex')
      FROM unnest(verdicts) AS v
      LEFT JOIN LATERAL (
        SELECT * FROM journal j WHERE j.programme = p AND j.number >= v.number ORDER BY j.number LIMIT 1
      ) AS j ON v.kind IN ('repeated', 'mismatch');
  END IF;
END $$;

CREATE OR REPLACE FUNCTION restate_documents(
  release integer, wait_ms integer, p text,
  streams text[], versions bigint[], folds bigint[], packed text[], documents text[]
) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER${byKey}
AS $$
DECLARE
  changed_streams text[];
  changed_entries text[];
  one record;
  changed integer := 0;
BEGIN
  PERFORM lock_head(release, wait_ms, p);
  SELECT array_agg(r.stream), array_agg(r.packed) INTO changed_streams, changed_entries
  FROM unnest(streams, versions, folds, packed) AS r (stream, version, fold, packed)
  WHERE (SELECT s.version = r.version AND s.fold <= r.fold FROM stream s
    WHERE s.programme = p AND s.name = r.stream);
  PERFORM replace_entries(p, changed_streams, changed_entries);
  FOR one IN SELECT * FROM unnest(streams, versions, folds, packed, documents)
    AS r (stream, version, fold, packed, document)
  LOOP
    UPDATE stream s SET fold = one.fold, entries = one.packed, document = one.document
    WHERE s.programme = p AND s.name = one.stream AND s.version = one.version AND s.fold <= one.fold;
    IF FOUND THEN
      changed := changed + 1;
    END IF;
  END LOOP;
  RETURN changed;
END $$;
`
