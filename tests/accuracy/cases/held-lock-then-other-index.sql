-- case: held-lock-then-other-index
-- base: shop
-- change:
CREATE TRIGGER customers_same BEFORE UPDATE ON customers FOR EACH ROW EXECUTE FUNCTION suppress_redundant_updates_trigger();
CREATE INDEX ON order_lines (product_id);
