-- The book of runs. One row a run; see docs/adr for why it looks like this.
CREATE TABLE run (
  id          BLOB NOT NULL PRIMARY KEY, -- UUIDv7, 16 bytes: sorts by the time of submission
  tool        TEXT NOT NULL,
  principal   TEXT NOT NULL,
  state       TEXT NOT NULL,             -- as on the wire
  finished_at INTEGER,                   -- milliseconds since 1970; null while unfinished
  record      BLOB NOT NULL,             -- the run's JSON
  command     BLOB,                      -- the command's JSON while unfinished
  key         TEXT,                      -- the caller's idempotency key
  fingerprint BLOB,                      -- of the command that the key belongs to
  blobs       BLOB                       -- digests that the run refers to, 32 bytes each
) STRICT, WITHOUT ROWID;

CREATE INDEX run_of_tool ON run (tool, id);
CREATE INDEX run_unfinished ON run (id) WHERE finished_at IS NULL;
CREATE UNIQUE INDEX run_of_key ON run (principal, tool, key) WHERE key IS NOT NULL;
CREATE INDEX run_blobs ON run (blobs) WHERE blobs IS NOT NULL;

-- What the code looks at to know that there is nothing to migrate: keep it at the newest version.
PRAGMA user_version = 1;
