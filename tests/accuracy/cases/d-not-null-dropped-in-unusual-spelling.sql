-- case: d-not-null-dropped-in-unusual-spelling
-- base: shop
-- change:
alter table only customers alter is_active drop not null, alter is_active drop default;
