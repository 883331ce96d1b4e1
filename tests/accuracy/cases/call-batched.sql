-- case: call-batched
-- base: shop
-- given:
CREATE PROCEDURE fill_channel() LANGUAGE plpgsql AS $$
DECLARE
    low bigint := 0;
BEGIN
    WHILE low < 10000 LOOP
        UPDATE orders SET channel = 'web' WHERE id > low AND id <= low + 500;
        COMMIT;
        low := low + 500;
    END LOOP;
END $$;
-- change:
CALL fill_channel();
