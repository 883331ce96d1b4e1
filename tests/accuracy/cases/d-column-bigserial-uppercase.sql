-- case: d-column-bigserial-uppercase
-- base: ledger
-- change:
ALTER TABLE LEDGER.ENTRIES ADD SEQ_NO BIGSERIAL;
