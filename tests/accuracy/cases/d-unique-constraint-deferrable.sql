-- case: d-unique-constraint-deferrable
-- base: ledger
-- change:
SET search_path TO ledger, public;
ALTER TABLE entries ADD CONSTRAINT entries_reference_once UNIQUE (reference) DEFERRABLE INITIALLY DEFERRED;
