-- case: type-attribute-added
-- base: ledger
-- change:
ALTER TYPE ledger.address ADD ATTRIBUTE city text;
