-- case: b-merge-few-rows
-- base: shop
-- change:
MERGE INTO products p
    USING (VALUES ('sku-11', 20.5), ('sku-12', 21.5), ('sku-next', 22.5)) AS s (sku, price) ON p.sku = s.sku
    WHEN MATCHED THEN UPDATE SET price = s.price
    WHEN NOT MATCHED THEN INSERT (sku, title, price) VALUES (s.sku, 'New', s.price);
