-- case: function-rename
-- base: ledger
-- change:
ALTER FUNCTION ledger.balance(bigint) RENAME TO balance_of;
