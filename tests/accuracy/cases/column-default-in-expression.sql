-- case: column-default-in-expression
-- base: shop
-- change:
ALTER TABLE customers ADD COLUMN lucky integer NOT NULL DEFAULT (1 + floor(random() * 6))::integer;
