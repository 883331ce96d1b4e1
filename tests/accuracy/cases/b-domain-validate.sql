-- case: b-domain-validate
-- base: ledger
-- earlier:
ALTER DOMAIN ledger.remark ADD CONSTRAINT remark_short CHECK (length(VALUE) < 500) NOT VALID;
-- change:
ALTER DOMAIN ledger.remark VALIDATE CONSTRAINT remark_short;
