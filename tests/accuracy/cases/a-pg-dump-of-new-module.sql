-- case: a-pg-dump-of-new-module
-- base: shop
-- change:
SET statement_timeout = 0;
SET lock_timeout = 0;
SET client_encoding = 'UTF8';
SET standard_conforming_strings = on;
SELECT pg_catalog.set_config('search_path', '', false);
SET check_function_bodies = false;
SET client_min_messages = warning;
SET row_security = off;

CREATE SCHEMA billing;
CREATE TABLE billing.orders (
    id integer NOT NULL,
    customer_id bigint,
    total numeric(12,2)
);
CREATE SEQUENCE billing.orders_id_seq AS integer START WITH 1 INCREMENT BY 1 NO MINVALUE NO MAXVALUE CACHE 1;
ALTER SEQUENCE billing.orders_id_seq OWNED BY billing.orders.id;
ALTER TABLE ONLY billing.orders ALTER COLUMN id SET DEFAULT nextval('billing.orders_id_seq'::regclass);
INSERT INTO billing.orders VALUES (1, 10, 100.00), (2, 11, 250.50);
SELECT pg_catalog.setval('billing.orders_id_seq', 2, true);
ALTER TABLE ONLY billing.orders ADD CONSTRAINT orders_pkey PRIMARY KEY (id);
CREATE INDEX orders_customer_idx ON billing.orders USING btree (customer_id);
ALTER TABLE billing.orders ENABLE ROW LEVEL SECURITY;
