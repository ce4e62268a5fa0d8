ALTER TABLE renders ADD COLUMN truth TEXT NOT NULL DEFAULT '';
CREATE INDEX renders_by_truth ON renders (truth) WHERE NOT deleted;
