-- case: b-type-cidr-to-inet
-- given:
CREATE TABLE networks (
    id   integer PRIMARY KEY,
    net  cidr NOT NULL,
    name text NOT NULL
);
CREATE UNIQUE INDEX networks_net_key ON networks (net);
GRANT SELECT, INSERT ON networks TO app;
-- rows:
INSERT INTO networks SELECT n, ('10.' || n / 250 || '.' || n % 250 || '.0/24')::cidr, 'net ' || n FROM generate_series(1, 6000) n;
-- change:
ALTER TABLE networks ALTER COLUMN net TYPE inet;
-- app:
SELECT name FROM networks WHERE net = '10.1.7.0/24';
SELECT net FROM networks WHERE id = 12;
INSERT INTO networks (id, net, name) VALUES (90001, '192.168.0.0/16', 'home');
