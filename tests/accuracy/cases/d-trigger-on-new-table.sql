-- case: d-trigger-on-new-table
-- base: shop
-- change:
BEGIN;
CREATE TABLE audit_items (id bigserial PRIMARY KEY, what text, at timestamptz);
CREATE FUNCTION stamp_audit() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN NEW.at := now(); RETURN NEW; END';
CREATE OR REPLACE TRIGGER audit_stamp BEFORE INSERT ON audit_items FOR EACH ROW EXECUTE PROCEDURE stamp_audit();
INSERT INTO audit_items (what) SELECT 'item ' || n FROM generate_series(1, 5000) n;
COMMIT;
