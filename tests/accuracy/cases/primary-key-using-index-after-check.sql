-- case: primary-key-using-index-after-check
-- given:
CREATE TABLE readings (id bigint, value real);
GRANT SELECT, INSERT ON readings TO app;
-- rows:
INSERT INTO readings SELECT n, n FROM generate_series(1, 9000) n;
-- earlier:
CREATE UNIQUE INDEX CONCURRENTLY readings_id_uniq ON readings (id);
-- earlier:
ALTER TABLE readings ADD CONSTRAINT id_there CHECK (id IS NOT NULL) NOT VALID;
-- earlier:
ALTER TABLE readings VALIDATE CONSTRAINT id_there;
-- change:
ALTER TABLE readings ADD CONSTRAINT readings_pkey PRIMARY KEY USING INDEX readings_id_uniq;
-- app:
INSERT INTO readings VALUES (10001, 2);
