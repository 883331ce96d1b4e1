-- case: a-alembic-required-column
-- base: shop
-- given:
CREATE TABLE alembic_version (version_num varchar(32) PRIMARY KEY);
INSERT INTO alembic_version VALUES ('8c1f0a6e7b21');
-- change:
BEGIN;

-- Running upgrade 8c1f0a6e7b21 -> f3a9d27c5510

ALTER TABLE customers ADD COLUMN tier VARCHAR(20);

UPDATE customers SET tier = CASE WHEN score > 50 THEN 'gold' ELSE 'basic' END;

ALTER TABLE customers ALTER COLUMN tier SET NOT NULL;

UPDATE alembic_version SET version_num='f3a9d27c5510' WHERE alembic_version.version_num = '8c1f0a6e7b21';

COMMIT;
