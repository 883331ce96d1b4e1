-- case: b-table-copied-after-alter
-- base: shop
-- change:
ALTER TABLE customers ADD COLUMN vip boolean NOT NULL DEFAULT false;
CREATE TABLE customer_sums AS SELECT customer_id, sum(total) AS total FROM orders GROUP BY customer_id;
ALTER TABLE customer_sums ADD PRIMARY KEY (customer_id);
