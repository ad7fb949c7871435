/**
 * Migration 3, first half: whose turn it is stands in a narrow table of its own.
 *
 * Only the oldest open message of an ordering key may go, and only that one is leased. When lease and turn
 * stood in the outbox, each message was rewritten three times with its body and in five indexes. Now it
 * is written twice, once when it comes and once when it ends; what changes in between is a row of `turn`:
 * one for each message that is next in its key, and for one that is leased although an older message was put
 * back before it. `ready_at` is set on those that are next: the instant from which they are due and in nobody's
 * lease.
 *
 * What was leased when a database is migrated stays leased. A partitioned outbox gets a partitioned `turn`.
 */

/** Runs with `search_path` set to the schema, after migration 2. */
export const turns = `
DO $$
DECLARE
  columns CONSTANT text := 'programme text COLLATE "C" NOT NULL, number bigint NOT NULL, position integer NOT NULL, '
    'topic text COLLATE "C" NOT NULL, ready_at text COLLATE "C", leased_by text COLLATE "C", '
    'leased_until text COLLATE "C", token bigint NOT NULL, PRIMARY KEY (programme, number, position)';
  pieces integer := (SELECT count(*) FROM pg_inherits WHERE inhparent = to_regclass('outbox'));
BEGIN
  IF pieces = 0 THEN
    EXECUTE format('CREATE TABLE turn (%s)', columns);
  ELSE
    EXECUTE format('CREATE TABLE turn (%s) PARTITION BY HASH (programme)', columns);
    FOR piece IN 0..pieces - 1 LOOP
      EXECUTE format('CREATE TABLE turn_%s PARTITION OF turn FOR VALUES WITH (MODULUS %s, REMAINDER %s)',
        piece, pieces, piece);
    END LOOP;
  END IF;
END $$;
CREATE INDEX turn_ready ON turn (programme, topic, ready_at, number, position) WHERE ready_at IS NOT NULL;

INSERT INTO turn (programme, number, position, topic, ready_at, leased_by, leased_until, token)
SELECT o.programme, o.number, o.position, o.topic, o.ready_at, o.leased_by, o.leased_until, o.token
FROM outbox o WHERE o.ready_at IS NOT NULL OR o.leased_until IS NOT NULL;

-- The index on ready_at goes with its column.
ALTER TABLE outbox DROP COLUMN ready_at, DROP COLUMN leased_by, DROP COLUMN leased_until;

DROP FUNCTION IF EXISTS lease_messages(integer, integer, text, text, text, text, text, integer);
DROP FUNCTION IF EXISTS mark_ready(text, text, text);
DROP FUNCTION IF EXISTS lease_places(text, tid[], text[], text, text);
DROP FUNCTION IF EXISTS settle_places(text, tid[], text[], text[], text[], boolean[]);
DROP FUNCTION IF EXISTS mark_places(text, tid[]);
`
