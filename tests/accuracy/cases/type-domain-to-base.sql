-- case: type-domain-to-base
-- base: ledger
-- change:
ALTER TABLE ledger.accounts ALTER code TYPE text;
