-- case: function-new
-- base: shop
-- change:
CREATE FUNCTION archive_orders() RETURNS void LANGUAGE plpgsql AS $body$
BEGIN
    DELETE FROM orders WHERE placed_at < now() - interval '10 years';
    EXECUTE 'ALTER TABLE orders ADD COLUMN archived boolean';
END
$body$;
CREATE PROCEDURE clean() LANGUAGE sql AS 'TRUNCATE order_lines';
