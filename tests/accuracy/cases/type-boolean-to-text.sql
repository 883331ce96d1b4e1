-- case: type-boolean-to-text
-- base: ledger
-- change:
ALTER TABLE ledger.entries ALTER reversed TYPE text USING CASE WHEN reversed THEN 'yes' ELSE 'no' END;
-- app:
SELECT count(*) FROM ledger.entries WHERE NOT reversed;
