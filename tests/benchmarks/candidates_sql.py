"""The SQL of what was tried."""

SCRIPT = """\
BEGIN;
{draw} \\gset
INSERT INTO "documents_document" ("number", "day") VALUES (:number, 0)
  RETURNING "documents_document"."id";
COMMIT;
"""

# --- Counters -------------------------------------------------------------------------

# Each number in a transaction of its own, in one call.
ONE_BY_ONE = """
DO $$
BEGIN
    FOR each IN 1..{count} LOOP
        WITH drawn (number) AS ({draw})
        INSERT INTO documents_document (number, day) SELECT number, 0 FROM drawn;
        COMMIT;
    END LOOP;
END
$$
"""

# Whichever statement moves a row, it leaves the same versions. This one is fast.
MOVE = ONE_BY_ONE.replace(
    "{draw}",
    "SELECT sequences_advance(0, 'benchmark', 1, 1, NULL, 1, 9223372036854775806)",
)

LEAVE_ROOM = "ALTER TABLE sequences_sequence SET (fillfactor = 10)"

# In a function, what comes after the lock sees what was committed during the wait.
APPEND = """
CREATE TABLE candidate_number (name text, number bigint, PRIMARY KEY (name, number));
CREATE FUNCTION candidate_append(series text) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
    last bigint;
BEGIN
    PERFORM pg_advisory_xact_lock(hashtext(series));
    SELECT number INTO last
      FROM candidate_number
     WHERE name = series
  ORDER BY number DESC
     LIMIT 1;
    last := coalesce(last, 0) + 1;
    INSERT INTO candidate_number (name, number) VALUES (series, last);
    RETURN last;
END
$$
"""

HIGHEST = """
CREATE FUNCTION candidate_highest() RETURNS bigint LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_advisory_xact_lock('documents_document'::regclass::bigint);
    RETURN (SELECT coalesce(max(number), 0) + 1 FROM documents_document);
END
$$
"""

# --- Pools ----------------------------------------------------------------------------

FREE = """
DROP TABLE IF EXISTS candidate_free;
CREATE TABLE candidate_free (number bigint PRIMARY KEY);
INSERT INTO candidate_free SELECT generate_series(1, 200000);
ANALYZE candidate_free;
"""

# Of another thousand millions than those that are drawn.
RETURNED = """
UPDATE sequences_pool SET settled = 2000000000 WHERE name = 'benchmark';
INSERT INTO sequences_poolednumber (name, value)
     SELECT 'benchmark', 1000000000 + n FROM generate_series(1, 300000) AS n;
ANALYZE sequences_poolednumber;
"""

TAKE_LOWEST = """\
DELETE FROM candidate_free
      WHERE number = (
            SELECT number
              FROM candidate_free
          ORDER BY number
             LIMIT 1
        FOR UPDATE SKIP LOCKED)
  RETURNING number"""

# Of 256 places: four for each of the most clients.
TAKE_NEAR_LOWEST = """\
DELETE FROM candidate_free
      WHERE number = (
            SELECT number
              FROM candidate_free
             WHERE number >= (SELECT min(number) + floor(random() * 256)::bigint
                                FROM candidate_free)
          ORDER BY number
             LIMIT 1
        FOR UPDATE SKIP LOCKED)
  RETURNING number"""

# At once: each claim alone would walk over all that those before it left.
TAKE_MANY = """
WITH taken AS (
     DELETE FROM candidate_free
           WHERE number IN (
                 SELECT number FROM candidate_free ORDER BY number LIMIT {count})
       RETURNING number)
INSERT INTO documents_document (number, day) SELECT number, 0 FROM taken
"""
