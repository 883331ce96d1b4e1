-- case: type-attribute-changed
-- base: ledger
-- change:
ALTER TYPE ledger.address ALTER ATTRIBUTE zip TYPE integer;
