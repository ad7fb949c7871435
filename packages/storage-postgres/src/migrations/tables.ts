/**
 * Migration 1, first half: the tables, and the triggers that keep the journal as it is.
 *
 * Every key is led by the programme, so that the tables can be partitioned or distributed by it without a
 * change. There are no foreign keys and no sequences: what they would keep, the lock on the programme's head
 * keeps. A stream's `id` is the number of the journal record that opened it times 256 plus its place there:
 * short, in time order, and unique within its programme. What the outbox has of leases moves to a table of its
 * own in migration 3. All texts sort as bytes. Hashes are bytes; texts that are hashed are texts, never `jsonb`,
 * which would change them.
 */

/** Runs with `search_path` set to the schema. */
export const tables = `
CREATE TABLE head (
  programme text COLLATE "C" NOT NULL,
  number bigint NOT NULL,
  hash bytea NOT NULL,
  delivered bigint NOT NULL,
  PRIMARY KEY (programme)
);

CREATE TABLE journal (
  programme text COLLATE "C" NOT NULL,
  number bigint NOT NULL,
  command text COLLATE "C" NOT NULL,
  digest bytea NOT NULL,
  entry text COLLATE "C" NOT NULL,
  leaf bytea NOT NULL,
  hash bytea NOT NULL,
  PRIMARY KEY (programme, number),
  UNIQUE (programme, command)
);

CREATE TABLE stream (
  programme text COLLATE "C" NOT NULL,
  name text COLLATE "C" NOT NULL,
  id bigint NOT NULL,
  number bigint NOT NULL,
  version bigint NOT NULL,
  fold bigint NOT NULL,
  entries text COLLATE "C" NOT NULL,
  document text COLLATE "C" NOT NULL,
  PRIMARY KEY (programme, name)
);

CREATE TABLE touch (
  programme text COLLATE "C" NOT NULL,
  stream bigint NOT NULL,
  number bigint NOT NULL,
  PRIMARY KEY (programme, stream, number)
);

CREATE TABLE entry (
  programme text COLLATE "C" NOT NULL,
  name text COLLATE "C" NOT NULL,
  equals text COLLATE "C" NOT NULL,
  range text COLLATE "C" NOT NULL,
  stream text COLLATE "C" NOT NULL,
  PRIMARY KEY (programme, name, equals, range, stream)
);

CREATE TABLE tally (
  programme text COLLATE "C" NOT NULL,
  key text COLLATE "C" NOT NULL,
  value bigint NOT NULL,
  PRIMARY KEY (programme, key)
);

CREATE TABLE claim (
  programme text COLLATE "C" NOT NULL,
  key text COLLATE "C" NOT NULL,
  holder text COLLATE "C" NOT NULL,
  PRIMARY KEY (programme, key)
);

CREATE TABLE outbox (
  programme text COLLATE "C" NOT NULL,
  number bigint NOT NULL,
  position integer NOT NULL,
  id text COLLATE "C" NOT NULL,
  topic text COLLATE "C" NOT NULL,
  ordering_key text COLLATE "C" NOT NULL,
  not_before text COLLATE "C" NOT NULL,
  body text COLLATE "C" NOT NULL,
  status text COLLATE "C" NOT NULL DEFAULT 'pending' CHECK (status IN ('pending', 'delivered', 'dead')),
  attempts integer NOT NULL DEFAULT 0,
  note text COLLATE "C" NOT NULL DEFAULT '',
  leased_by text COLLATE "C",
  leased_until text COLLATE "C",
  settled_at text COLLATE "C",
  token bigint NOT NULL DEFAULT 0,
  is_open boolean NOT NULL DEFAULT true,
  ready_at text COLLATE "C",
  PRIMARY KEY (programme, number, position),
  UNIQUE (programme, id)
);
CREATE INDEX outbox_ready ON outbox (programme, topic, ready_at, number, position) WHERE ready_at IS NOT NULL;
CREATE INDEX outbox_open ON outbox (programme, topic, ordering_key, number, position) WHERE is_open;
CREATE INDEX outbox_status ON outbox (programme, status, number, position) WHERE status <> 'delivered';

CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'rows of the journal are never changed or deleted';
END $$;

CREATE FUNCTION protect_journal() RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  one regclass;
BEGIN
  CREATE TRIGGER journal_keeps_rows BEFORE UPDATE OR DELETE ON journal
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
  ALTER TABLE journal ENABLE ALWAYS TRIGGER journal_keeps_rows;
  -- The tree of a table without partitions is empty.
  FOR one IN SELECT 'journal'::regclass UNION SELECT relid FROM pg_partition_tree('journal') LOOP
    EXECUTE format('CREATE TRIGGER journal_is_not_emptied BEFORE TRUNCATE ON %s '
      'FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()', one);
    EXECUTE format('ALTER TABLE %s ENABLE ALWAYS TRIGGER journal_is_not_emptied', one);
  END LOOP;
END $$;

SELECT protect_journal();

CREATE TYPE standing AS (number bigint, hash bytea);
CREATE TYPE verdict AS (at integer, kind text, subject text, holder text, number bigint);
`
