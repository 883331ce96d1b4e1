-- case: type-varchar-wider-with-check
-- base: shop
-- given:
ALTER TABLE orders ADD CONSTRAINT note_ok CHECK (note <> 'bad');
-- change:
ALTER TABLE orders ALTER COLUMN note TYPE varchar(200);
