-- case: table-select-into
-- base: shop
-- change:
SELECT id, email INTO mail_list FROM customers WHERE is_active;
CREATE UNIQUE INDEX ON mail_list (email);
ALTER TABLE mail_list ALTER COLUMN email TYPE varchar(60) USING lower(email);
