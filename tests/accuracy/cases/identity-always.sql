-- case: identity-always
-- base: ledger
-- change:
ALTER TABLE ledger.entries ALTER id SET GENERATED ALWAYS;
-- app:
INSERT INTO ledger.entries (id, account_id, side, amount) VALUES (800000, 3, 'debit', 1);
