-- case: primary-key-using-index-of-not-null
-- given:
CREATE TABLE readings (id bigint NOT NULL, value real);
GRANT SELECT, INSERT ON readings TO app;
-- rows:
INSERT INTO readings SELECT n, n FROM generate_series(1, 9000) n;
-- earlier:
CREATE UNIQUE INDEX CONCURRENTLY readings_id_uniq ON readings (id);
-- change:
ALTER TABLE readings ADD CONSTRAINT readings_pkey PRIMARY KEY USING INDEX readings_id_uniq;
-- app:
INSERT INTO readings VALUES (10001, 2);
