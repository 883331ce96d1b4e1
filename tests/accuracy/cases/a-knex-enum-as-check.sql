-- case: a-knex-enum-as-check
-- base: shop
-- change:
begin;
alter table "products" add column "kind" text check ("kind" in ('goods', 'service', 'voucher')) default 'goods';
commit;
