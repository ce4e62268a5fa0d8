-- What language models were told, once for each version; exchanges name the version.
CREATE TABLE instructions (
  version TEXT PRIMARY KEY,
  text TEXT NOT NULL,
  created TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ', 'now'))
) STRICT, WITHOUT ROWID;
CREATE INDEX exchanges_by_prompt ON exchanges (exchange ->> 'prompt');
