/**
 * Migration 2, first half: a person takes a message out of the queue.
 */
import { lockHead } from "./commit-functions.ts"

/** Runs with `search_path` set to the schema, after migration 1. */
export const parkFunction = `
${lockHead(2)}

CREATE FUNCTION park_message(
  release integer, wait_ms integer, p text, wanted_id text, at text, why text, blocks boolean
) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER
SET search_path FROM CURRENT
SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off SET jit = off SET plan_cache_mode = force_generic_plan
AS $$
DECLARE
  parked record;
BEGIN
  PERFORM lock_head(release, wait_ms, p);
  UPDATE outbox o SET
    settled_at = CASE o.status WHEN 'dead' THEN o.settled_at ELSE at END,
    status = 'dead', note = why, is_open = blocks, ready_at = NULL, leased_by = NULL, leased_until = NULL
  WHERE o.programme = p AND o.id = wanted_id
    AND (o.status = 'dead' OR (o.status = 'pending' AND (o.leased_until IS NULL OR o.leased_until <= at)))
  RETURNING o.topic, o.ordering_key INTO parked;
  IF NOT FOUND THEN
    RETURN false;
  END IF;
  UPDATE outbox o SET ready_at = NULL
  WHERE o.programme = p AND o.topic = parked.topic AND o.ordering_key = parked.ordering_key AND o.is_open
    AND o.ready_at IS NOT NULL;
  PERFORM mark_ready(p, parked.topic, parked.ordering_key);
  RETURN true;
END $$;
`
