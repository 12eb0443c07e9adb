-- The book of runs of a cluster. One row a run; see docs/adr for why it looks like this.
CREATE TABLE run (
  id          BYTEA  NOT NULL PRIMARY KEY, -- UUIDv7, 16 bytes: sorts by the time of submission
  tool        TEXT   NOT NULL,
  principal   TEXT   NOT NULL,
  state       TEXT   NOT NULL,             -- as on the wire
  finished_at BIGINT,                      -- milliseconds since 1970; null while unfinished
  record      BYTEA  NOT NULL,             -- the run's JSON
  command     BYTEA,                       -- the command's JSON while unfinished
  key         BYTEA,                       -- SHA-256 of the caller's idempotency key
  fingerprint BYTEA,                       -- of the command that the key belongs to
  blobs       BYTEA,                       -- digests that the run refers to, 32 bytes each
  home        TEXT,                        -- name@epoch, who alone may write it; null: nobody's
  fence       BIGINT NOT NULL,             -- one more at each takeover
  durable     BOOLEAN NOT NULL             -- false: of no use once its home is gone
);

CREATE INDEX run_of_tool ON run (tool, id);
CREATE INDEX run_of_home ON run (home, id) WHERE finished_at IS NULL;
CREATE INDEX run_with_blobs ON run (id) WHERE blobs IS NOT NULL;
CREATE UNIQUE INDEX run_of_key ON run (principal, tool, key) WHERE key IS NOT NULL;

-- Signs of life, by the database's clock.
CREATE TABLE node (
  id      TEXT        NOT NULL PRIMARY KEY, -- name@epoch
  seen_at TIMESTAMPTZ NOT NULL
);
