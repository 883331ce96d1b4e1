-- case: d-check-on-table-of-same-script-with-copy
-- base: shop
-- change:
CREATE TABLE order_totals AS SELECT id, total FROM orders WITH NO DATA;
ALTER TABLE order_totals ADD CHECK (total >= 0), ADD PRIMARY KEY (id);
INSERT INTO order_totals SELECT id, total FROM orders LIMIT 100;
