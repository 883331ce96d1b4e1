-- case: b-drop-type-cascade-column
-- base: ledger
-- change:
DROP TYPE ledger.address CASCADE;
