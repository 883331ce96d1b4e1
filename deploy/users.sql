-- Deploy change_demo:users to sqlite

BEGIN;

CREATE TABLE users (
    id         INTEGER PRIMARY KEY,
    user_name  TEXT,
    email      TEXT NOT NULL UNIQUE,
    created_at TEXT NOT NULL DEFAULT CURRENT_TIMESTAMP
);

CREATE UNIQUE INDEX users_user_name ON users (user_name);

COMMIT;
