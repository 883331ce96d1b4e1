-- case: c-fk-two-on-messages
-- given:
CREATE TABLE users (id bigint PRIMARY KEY, handle text NOT NULL);
CREATE TABLE messages (
    id bigint PRIMARY KEY,
    from_user bigint NOT NULL,
    to_user bigint NOT NULL,
    body text NOT NULL
);
GRANT SELECT, INSERT, DELETE ON users, messages TO app;
-- rows:
INSERT INTO users SELECT n, 'user' || n FROM generate_series(1, 1500) n;
INSERT INTO messages SELECT n, n % 1500 + 1, (n + 7) % 1500 + 1, 'Hello' FROM generate_series(1, 5000) n;
-- change:
ALTER TABLE messages
    ADD CONSTRAINT messages_from_fk FOREIGN KEY (from_user) REFERENCES users (id),
    ADD CONSTRAINT messages_to_fk FOREIGN KEY (to_user) REFERENCES users (id);
-- app:
SELECT body FROM messages WHERE id = 12;
INSERT INTO messages (id, from_user, to_user, body) VALUES (900001, 1, 2, 'Hi');
