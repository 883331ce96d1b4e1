-- case: not-null-of-copied-table
-- base: shop
-- change:
CREATE TABLE mail AS SELECT id, email FROM customers;
ALTER TABLE mail ALTER email SET NOT NULL, ADD PRIMARY KEY (id);
