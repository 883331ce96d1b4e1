-- case: not-null-short-spelling
-- base: bookings
-- change:
alter table only bookings alter source set not null;
