-- Whose an unfinished run is: the node, in one of its lives, that alone may write it.
ALTER TABLE run ADD COLUMN home TEXT;                       -- name@epoch; null: nobody's
ALTER TABLE run ADD COLUMN fence INTEGER NOT NULL DEFAULT 1; -- one more at each takeover
ALTER TABLE run ADD COLUMN durable INTEGER NOT NULL DEFAULT 1; -- 0: of no use once its home is gone

CREATE INDEX run_of_home ON run (home, id) WHERE finished_at IS NULL;

-- Signs of life. In a file of one node's own it only shows that the file can be written.
CREATE TABLE node (
  id      TEXT NOT NULL PRIMARY KEY,
  seen_at INTEGER NOT NULL              -- milliseconds since 1970
) STRICT, WITHOUT ROWID;

PRAGMA user_version = 2;
