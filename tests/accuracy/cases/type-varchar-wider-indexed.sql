-- case: type-varchar-wider-indexed
-- base: ledger
-- change:
ALTER TABLE ledger.entries ALTER reference TYPE character varying(80);
