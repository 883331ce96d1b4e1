-- Deploy change_demo:sample_users to sqlite
-- requires: users

BEGIN;

INSERT INTO users (id, user_name, email, created_at) VALUES
    (1, 'ada',      'ada@example.org',      '2024-12-10 08:00:00'),
    (2, 'grace',    'grace@example.org',    '2024-12-09 09:30:00'),
    (3, 'alan',     'alan@example.org',     '2025-06-23 10:15:00'),
    (4, 'edsger',   'edsger@example.org',   '2025-05-11 11:45:00'),
    (5, 'barbara',  'barbara@example.org',  '2025-11-07 12:20:00'),
    (6, 'donald',   'donald@example.org',   '2026-01-10 13:05:00'),
    (7, 'margaret', 'margaret@example.org', '2026-02-17 14:50:00'),
    (8, 'tony',     'tony@example.org',     '2026-03-11 15:35:00');

COMMIT;
