-- case: a-knex-timestamps
-- base: tenants
-- change:
alter table "acme"."people" add column "created_at" timestamptz not null default CURRENT_TIMESTAMP, add column "updated_at" timestamptz not null default CURRENT_TIMESTAMP;
alter table "acme"."people" add column "preferences" jsonb not null default '{}', add column "labels" text[] not null default ARRAY[]::text[];
comment on column "acme"."people"."labels" is 'free words';
