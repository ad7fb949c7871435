/**
 * Migration 4: entries of old records may leave their rows for a sealed file.
 *
 * First the place of the chain is noted in `archived`, then rows are emptied some at a time; `emptied` says how far
 * that has come and moves in the same transaction, so that a call which was cut off anywhere goes on where it
 * stood. The journal's trigger lets an entry become empty, nothing else of a row change, and nothing before its
 * place is noted. It does not see the file: whoever calls has it on the disk already. A partitioned journal gets
 * a partitioned `archived`.
 *
 * Emptying locks the programme's head like every other write. So nobody moves rows between the look and the change,
 * and rows may be changed by where they lie.
 */
import { byKey, byPlace } from "./function-settings.ts"

/** Runs with `search_path` set to the schema, after migration 3. */
export const archivedTable = `
DO $$
DECLARE
  columns CONSTANT text := 'programme text COLLATE "C" NOT NULL, number bigint NOT NULL, hash bytea NOT NULL, '
    'emptied bigint NOT NULL, PRIMARY KEY (programme)';
  pieces integer := (SELECT count(*) FROM pg_inherits WHERE inhparent = to_regclass('journal'));
BEGIN
  IF pieces = 0 THEN
    EXECUTE format('CREATE TABLE archived (%s)', columns);
  ELSE
    EXECUTE format('CREATE TABLE archived (%s) PARTITION BY HASH (programme)', columns);
    FOR piece IN 0..pieces - 1 LOOP
      EXECUTE format('CREATE TABLE archived_%s PARTITION OF archived FOR VALUES WITH (MODULUS %s, REMAINDER %s)',
        piece, pieces, piece);
    END LOOP;
  END IF;
END $$;
`

/** Run with `search_path` set to the schema. */
export const archiveFunctions = `
CREATE OR REPLACE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
BEGIN
  IF TG_OP = 'UPDATE' THEN
    IF NEW.entry = '' AND NEW.programme = OLD.programme AND NEW.number = OLD.number AND NEW.command = OLD.command
      AND NEW.digest = OLD.digest AND NEW.leaf = OLD.leaf AND NEW.hash = OLD.hash
      AND OLD.number <= (SELECT a.number FROM archived a WHERE a.programme = OLD.programme)
    THEN
      RETURN NEW;
    END IF;
  END IF;
  RAISE EXCEPTION 'rows of the journal are never changed or deleted';
END $$;

CREATE OR REPLACE FUNCTION note_archived(release integer, wait_ms integer, p text, upto bigint, at_hash text)
RETURNS TABLE (r_number bigint, r_emptied bigint)
LANGUAGE plpgsql SECURITY DEFINER${byKey}
AS $$
DECLARE
  known record;
BEGIN
  PERFORM lock_head(release, wait_ms, p);
  SELECT j.number, j.hash INTO known FROM journal j WHERE j.programme = p AND j.number >= upto ORDER BY j.number LIMIT 1;
  IF known.number = upto AND known.hash = decode(at_hash, 'hex') THEN
    INSERT INTO archived AS a (programme, number, hash, emptied) VALUES (p, upto, known.hash, 0)
    ON CONFLICT (programme) DO UPDATE SET number = excluded.number, hash = excluded.hash
    WHERE excluded.number > a.number;
  END IF;
  RETURN QUERY SELECT a.number, a.emptied FROM archived a WHERE a.programme = p;
END $$;

CREATE OR REPLACE FUNCTION empty_places(p text, places tid[]) RETURNS void LANGUAGE plpgsql${byPlace}
AS $$
BEGIN
  UPDATE journal j SET entry = '' WHERE j.programme = p AND j.ctid = ANY (places);
END $$;

CREATE OR REPLACE FUNCTION empty_archived(release integer, wait_ms integer, p text, most integer) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER${byKey}
AS $$
DECLARE
  stands record;
  reached bigint;
BEGIN
  PERFORM lock_head(release, wait_ms, p);
  SELECT a.number, a.emptied INTO stands FROM archived a WHERE a.programme = p;
  reached := least(stands.emptied + most, stands.number);
  PERFORM empty_places(p, ARRAY(
    SELECT j.ctid FROM journal j
    WHERE j.programme = p AND j.number > stands.emptied AND j.number <= reached AND j.entry <> '' ORDER BY j.number
  ));
  UPDATE archived SET emptied = reached WHERE programme = p;
  RETURN reached;
END $$;
`
