-- case: b-drop-schema-cascade-no-tables
-- base: shop
-- given:
CREATE SCHEMA helpers;
CREATE TYPE helpers.pair AS (one integer, two integer);
CREATE FUNCTION helpers.pair_of(n integer) RETURNS helpers.pair LANGUAGE sql AS 'SELECT n, n';
CREATE SEQUENCE helpers.spare;
CREATE VIEW helpers.late AS SELECT id FROM orders WHERE state = 'new';
-- change:
DROP SCHEMA IF EXISTS helpers CASCADE;
