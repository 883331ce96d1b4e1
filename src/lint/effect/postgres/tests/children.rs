//! Partitions, children, types and parts of tables: what was done before, the statement, its locks, its
//! work.

use super::compare;

/// Measured on version 15.
#[test]
fn children_types_and_parts_do_what_was_measured() {
    compare(&[
        (
            "",
            "ALTER TABLE events ADD UNIQUE (id, at)",
            "events AX, events_2023 S, events_2024 S",
            "scan events_2023, scan events_2024",
        ),
        (
            "ALTER TABLE parent ALTER id SET NOT NULL",
            "ALTER TABLE parent ADD PRIMARY KEY (id)",
            "child AX, parent AX",
            "scan parent",
        ),
        ("", "ALTER TABLE parent ADD PRIMARY KEY (id)", "child AX, parent AX", "scan child, scan parent"),
        (
            "",
            "ALTER TABLE order_items ALTER order_id TYPE bigint",
            "order_items AX, orders AX",
            "rewrite order_items, scan order_items, scan orders",
        ),
        ("", "ALTER INDEX orders_placed_idx SET (fillfactor = 70)", "orders SUE", ""),
        (
            "ALTER TABLE accounts ADD CONSTRAINT c CHECK (score IS NOT NULL)",
            "ALTER TABLE accounts ALTER score SET NOT NULL, DROP CONSTRAINT c",
            "accounts AX",
            "scan accounts",
        ),
        ("", "CREATE INDEX IF NOT EXISTS orders_placed_idx ON orders (placed)", "orders S", ""),
        ("", "ALTER TABLE parent ADD CHECK (v > 0)", "child AX, parent AX", "scan child, scan parent"),
        ("", "ALTER TABLE parent ADD CHECK (v > 0) NO INHERIT", "parent AX", "scan parent"),
        ("", "ALTER TABLE parent ADD UNIQUE (id)", "parent AX", "scan parent"),
        ("", "ALTER TABLE parent ALTER v SET DEFAULT 1", "child AX, parent AX", ""),
        ("", "ALTER TABLE events ENABLE ROW LEVEL SECURITY", "events AX", ""),
        ("", "ALTER TABLE parent DISABLE TRIGGER USER", "parent SRE", ""),
        ("", "ALTER TABLE parent OWNER TO app", "parent AX", ""),
        ("", "ALTER TABLE parent REPLICA IDENTITY FULL", "parent AX", ""),
        ("", "ALTER TABLE parent RENAME v TO w", "child AX, parent AX", ""),
        ("", "ALTER TABLE parent ALTER v SET STATISTICS 100", "child SUE, parent SUE", ""),
        (
            "",
            "ALTER TABLE events ADD PRIMARY KEY (id, at)",
            "events AX, events_2023 AX, events_2024 AX",
            "scan events_2023, scan events_2024",
        ),
        (
            "",
            "ALTER TABLE parent ADD COLUMN z int CHECK (z > 0)",
            "child AX, parent AX",
            "scan child, scan parent",
        ),
        (
            "",
            "ALTER TABLE parent ADD COLUMN z int DEFAULT 1 REFERENCES accounts (id)",
            "accounts SRE, child AX, parent AX",
            "scan accounts, scan parent",
        ),
        (
            "",
            "CREATE INDEX ON events (kind)",
            "events S, events_2023 S, events_2024 S",
            "scan events_2023, scan events_2024",
        ),
        (
            "CREATE INDEX ON events_2023 (kind)",
            "CREATE INDEX ON events (kind)",
            "events S, events_2023 S, events_2024 S",
            "scan events_2024",
        ),
        ("", "CREATE INDEX ON parent (v)", "parent S", "scan parent"),
        ("", "CREATE INDEX ON ONLY events (kind)", "events S", ""),
        (
            "",
            "CREATE TRIGGER t BEFORE INSERT ON events FOR EACH ROW EXECUTE FUNCTION util.noop_trg()",
            "events SRE, events_2023 SRE, events_2024 SRE",
            "",
        ),
        (
            "CREATE TRIGGER t BEFORE INSERT ON events FOR EACH ROW EXECUTE FUNCTION util.noop_trg()",
            "DROP TRIGGER t ON events",
            "events AX, events_2023 AX, events_2024 AX",
            "",
        ),
        (
            "CREATE INDEX ei ON events (kind)",
            "DROP INDEX ei",
            "events AX, events_2023 AX, events_2024 AX",
            "",
        ),
        ("", "TRUNCATE parent", "child AX, parent AX", ""),
        ("", "LOCK TABLE events", "events AX, events_2023 AX, events_2024 AX", ""),
        ("", "LOCK TABLE active_accounts", "accounts AX", ""),
        ("", "DROP TABLE events", "events AX, events_2023 AX, events_2024 AX", ""),
        ("", "ALTER TABLE events DROP COLUMN kind", "events AX, events_2023 AX, events_2024 AX", ""),
        (
            "ALTER TABLE parent ADD CONSTRAINT c CHECK (v > 0) NOT VALID",
            "ALTER TABLE parent VALIDATE CONSTRAINT c",
            "child SUE, parent SUE",
            "scan child, scan parent",
        ),
        (
            "",
            "ALTER TABLE events ADD CONSTRAINT f FOREIGN KEY (id) REFERENCES accounts (id)",
            "accounts SRE, events SRE, events_2023 SRE, events_2024 SRE",
            "scan accounts, scan events_2023, scan events_2024",
        ),
        (
            "ALTER TABLE events_2023 ADD CONSTRAINT c CHECK (kind <> ''); ALTER TABLE events_2024 ADD \
             CONSTRAINT c CHECK (kind <> '')",
            "ALTER TABLE events ADD CONSTRAINT c CHECK (kind <> '')",
            "events AX, events_2023 AX, events_2024 AX",
            "",
        ),
        (
            "ALTER TABLE events_2023 ALTER kind SET NOT NULL; ALTER TABLE events_2024 ALTER kind SET NOT \
             NULL",
            "ALTER TABLE events ALTER kind SET NOT NULL",
            "events AX, events_2023 AX, events_2024 AX",
            "",
        ),
        (
            "",
            "ALTER TABLE accounts ADD COLUMN z int DEFAULT 5, ALTER z SET NOT NULL",
            "accounts AX",
            "scan accounts",
        ),
        (
            "",
            "ALTER TABLE orders ADD CONSTRAINT c CHECK (qty > 0) NOT VALID, VALIDATE CONSTRAINT c",
            "orders AX",
            "scan orders",
        ),
        (
            "CREATE INDEX ON orders (lower(note))",
            "ALTER TABLE orders ALTER note TYPE varchar(300)",
            "orders AX",
            "scan orders",
        ),
        (
            "CREATE UNIQUE INDEX ON orders (ext_ref)",
            "ALTER TABLE orders ALTER ext_ref TYPE varchar",
            "orders AX",
            "",
        ),
        ("", "ALTER TABLE orders ALTER note TYPE text USING note::text", "orders AX", ""),
        ("", "ALTER TABLE orders ALTER note TYPE text USING trim(note)", "orders AX", "rewrite orders"),
        (
            "ALTER TABLE events ADD FOREIGN KEY (id) REFERENCES accounts (id)",
            "CREATE TABLE e26 PARTITION OF events FOR VALUES FROM ('2026-01-01') TO ('2027-01-01')",
            "accounts SRE, events AX",
            "",
        ),
        ("", "DROP TYPE order_state CASCADE", "orders AX", ""),
        ("", "DROP DOMAIN plain_int CASCADE", "contacts AX", ""),
        (
            "CREATE DOMAIN d2 AS plain_int; CREATE TABLE tt (a d2)",
            "ALTER DOMAIN plain_int ADD CHECK (VALUE > -5)",
            "contacts S, tt S",
            "scan contacts, scan tt",
        ),
        ("", "ALTER DOMAIN pos_int ADD CHECK (VALUE < 1000000)", "", ""),
        ("", "ALTER DOMAIN plain_int SET DEFAULT 1", "", ""),
        (
            "CREATE INDEX ei ON ONLY events (kind); CREATE INDEX ei23 ON events_2023 (kind)",
            "ALTER INDEX ei ATTACH PARTITION ei23",
            "events SUE, events_2023 AX",
            "",
        ),
        (
            "",
            "ALTER TABLE orders ADD COLUMN z uuid DEFAULT gen_random_uuid() UNIQUE",
            "orders AX",
            "rewrite orders, scan orders",
        ),
        ("", "ALTER TABLE scratch SET UNLOGGED", "scratch AX", ""),
        ("", "ALTER TABLE orders SET ACCESS METHOD heap", "orders AX", ""),
        (
            "ALTER TABLE metrics_def ADD CHECK (region <> 'us')",
            "ALTER TABLE metrics ATTACH PARTITION metrics_us FOR VALUES IN ('us')",
            "metrics SUE, metrics_def AX, metrics_us AX",
            "",
        ),
        (
            "ALTER TABLE metrics_def ADD CHECK (region <> 'us')",
            "CREATE TABLE mus PARTITION OF metrics FOR VALUES IN ('us')",
            "metrics AX, metrics_def AX",
            "",
        ),
        (
            "ALTER TABLE metrics DETACH PARTITION metrics_def",
            "ALTER TABLE metrics ATTACH PARTITION metrics_def DEFAULT",
            "metrics SUE, metrics_def AX",
            "",
        ),
        (
            "ALTER TABLE events ALTER at DROP NOT NULL; ALTER TABLE events_2025 ALTER at DROP NOT NULL, \
             ADD CHECK (at >= '2025-01-01' AND at < '2026-01-01')",
            "ALTER TABLE events ATTACH PARTITION events_2025 FOR VALUES FROM ('2025-01-01') TO \
             ('2026-01-01')",
            "events SUE, events_2025 AX",
            "scan events_2025",
        ),
        (
            "ALTER TABLE events_2025 ADD CHECK (at >= '2025-01-01' AND at < '2026-01-01')",
            "ALTER TABLE events ATTACH PARTITION events_2025 FOR VALUES FROM ('2025-01-01') TO \
             ('2026-01-01')",
            "events SUE, events_2025 AX",
            "",
        ),
        (
            "ALTER TABLE events_2025 ADD CONSTRAINT c CHECK (at >= '2025-01-01' AND at < '2026-01-01') \
             NOT VALID",
            "ALTER TABLE events ATTACH PARTITION events_2025 FOR VALUES FROM ('2025-01-01') TO \
             ('2026-01-01')",
            "events SUE, events_2025 AX",
            "scan events_2025",
        ),
        (
            "CREATE INDEX ON events (kind); ALTER TABLE events_2025 ADD CHECK (at >= '2025-01-01' AND at \
             < '2026-01-01')",
            "ALTER TABLE events ATTACH PARTITION events_2025 FOR VALUES FROM ('2025-01-01') TO \
             ('2026-01-01')",
            "events SUE, events_2025 AX",
            "scan events_2025",
        ),
        (
            "CREATE TABLE r (id bigint REFERENCES accounts (id))",
            "ALTER TABLE accounts DROP CONSTRAINT accounts_pkey CASCADE",
            "accounts AX, r AX",
            "",
        ),
        (
            "CREATE TABLE r (id bigint REFERENCES accounts (id))",
            "DROP TABLE accounts CASCADE",
            "accounts AX, r AX",
            "",
        ),
        (
            "CREATE TABLE r (id bigint REFERENCES accounts (id))",
            "ALTER TABLE accounts DROP COLUMN id CASCADE",
            "accounts AX, r AX",
            "",
        ),
        (
            "CREATE TABLE pk (id bigint PRIMARY KEY) PARTITION BY HASH (id); CREATE TABLE pk1 PARTITION \
             OF pk FOR VALUES WITH (MODULUS 1, REMAINDER 0)",
            "ALTER TABLE orders ADD FOREIGN KEY (account_id) REFERENCES pk (id) NOT VALID",
            "orders SRE, pk SRE, pk1 SRE",
            "",
        ),
        (
            "",
            "CREATE TABLE n AS SELECT * FROM orders; ALTER TABLE n ADD FOREIGN KEY (account_id) \
             REFERENCES accounts (id)",
            "accounts SRE",
            "scan accounts",
        ),
        (
            "",
            "INSERT INTO settings SELECT id::text, note FROM orders",
            "settings RX",
            "scan orders, write settings",
        ),
        ("", "SELECT * FROM orders FOR UPDATE", "orders RS", "write orders"),
        ("", "UPDATE orders SET qty = 1", "orders RX", "write orders"),
        ("", "ALTER TABLE orders ADD COLUMN IF NOT EXISTS note text", "orders AX", ""),
        ("", "CREATE TABLE n (LIKE orders INCLUDING ALL)", "", ""),
    ]);
}
