-- case: c-required-column-default-taken-away
-- base: ledger
-- change:
ALTER TABLE ledger.entries ADD COLUMN origin text NOT NULL DEFAULT 'manual';
ALTER TABLE ledger.entries ALTER COLUMN origin DROP DEFAULT;
