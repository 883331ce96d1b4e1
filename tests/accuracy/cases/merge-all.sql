-- case: merge-all
-- base: shop
-- change:
MERGE INTO products p USING (SELECT product_id, count(*) AS sold FROM order_lines GROUP BY 1) s
    ON s.product_id = p.id
    WHEN MATCHED THEN UPDATE SET vat = 25;
