-- A job's last entry on its way to a chat; written around the sending, so that a crash cannot make
-- two of one. pending -> sending -> sent, or unsure -> asked, or undeliverable.
CREATE TABLE deliveries (
  job TEXT PRIMARY KEY REFERENCES jobs (id) ON DELETE CASCADE,
  session TEXT NOT NULL,
  seq INTEGER NOT NULL,
  state TEXT NOT NULL DEFAULT 'pending',
  updated TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ', 'now'))
) STRICT, WITHOUT ROWID;
CREATE INDEX deliveries_by_session ON deliveries (session);
CREATE INDEX deliveries_open ON deliveries (seq) WHERE state != 'sent';
