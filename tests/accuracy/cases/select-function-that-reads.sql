-- case: select-function-that-reads
-- base: ledger
-- change:
SELECT ledger.balance(3), set_config('app.checked', 'yes', false);
