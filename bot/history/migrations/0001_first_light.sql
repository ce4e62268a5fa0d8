CREATE TABLE people (
  id TEXT PRIMARY KEY,
  created TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ', 'now'))
) STRICT, WITHOUT ROWID;

CREATE TABLE sessions (
  id TEXT PRIMARY KEY,
  person TEXT NOT NULL REFERENCES people (id) ON DELETE CASCADE,
  state TEXT NOT NULL,
  created TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ', 'now')),
  updated TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ', 'now'))
) STRICT, WITHOUT ROWID;
CREATE INDEX sessions_by_person ON sessions (person);

CREATE TABLE spec_versions (
  session TEXT NOT NULL REFERENCES sessions (id) ON DELETE CASCADE,
  version INTEGER NOT NULL,
  spec TEXT NOT NULL,
  created TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ', 'now')),
  PRIMARY KEY (session, version)
) STRICT, WITHOUT ROWID;

-- AUTOINCREMENT: a page that is still open after its transcript was erased must not see an old
-- place used again.
CREATE TABLE turns (
  seq INTEGER PRIMARY KEY AUTOINCREMENT,
  session TEXT NOT NULL,
  entry TEXT NOT NULL,
  created TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ', 'now'))
) STRICT;
CREATE INDEX turns_by_session ON turns (session, seq);

CREATE TABLE seen (
  session TEXT NOT NULL,
  client_id TEXT NOT NULL,
  PRIMARY KEY (session, client_id)
) STRICT, WITHOUT ROWID;

CREATE TABLE photos (
  session TEXT NOT NULL,
  blob TEXT NOT NULL,
  PRIMARY KEY (session, blob)
) STRICT, WITHOUT ROWID;
CREATE INDEX photos_by_blob ON photos (blob);

CREATE TABLE choices (
  id TEXT PRIMARY KEY,
  session TEXT NOT NULL,
  action TEXT NOT NULL,
  used INTEGER NOT NULL DEFAULT 0
) STRICT, WITHOUT ROWID;
CREATE INDEX choices_by_session ON choices (session);

CREATE TABLE jobs (
  number INTEGER PRIMARY KEY,
  id TEXT NOT NULL UNIQUE,
  session TEXT NOT NULL,
  person TEXT NOT NULL,
  record TEXT NOT NULL,
  status TEXT NOT NULL,
  attempt INTEGER NOT NULL DEFAULT 0,
  created TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ', 'now')),
  ended TEXT
) STRICT;
CREATE INDEX jobs_by_session ON jobs (session);
CREATE INDEX jobs_unfinished ON jobs (number) WHERE status = 'submitted';

CREATE TABLE renders (
  session TEXT NOT NULL,
  number INTEGER NOT NULL,
  id TEXT NOT NULL UNIQUE,
  job TEXT NOT NULL REFERENCES jobs (id) ON DELETE CASCADE,
  blob TEXT NOT NULL,
  preview TEXT NOT NULL,
  seed INTEGER NOT NULL,
  prompt TEXT NOT NULL,
  model TEXT NOT NULL,
  versions TEXT NOT NULL,
  shot TEXT NOT NULL,
  record TEXT NOT NULL,
  deleted INTEGER NOT NULL DEFAULT 0,
  created TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ', 'now')),
  PRIMARY KEY (session, number)
) STRICT, WITHOUT ROWID;
CREATE INDEX renders_by_job ON renders (job);
CREATE INDEX renders_by_blob ON renders (blob) WHERE NOT deleted;
CREATE INDEX renders_by_preview ON renders (preview) WHERE NOT deleted;

CREATE TABLE exchanges (
  number INTEGER PRIMARY KEY,
  session TEXT NOT NULL,
  exchange TEXT NOT NULL,
  created TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ', 'now'))
) STRICT;
CREATE INDEX exchanges_by_session ON exchanges (session);
