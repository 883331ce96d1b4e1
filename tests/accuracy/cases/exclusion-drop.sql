-- case: exclusion-drop
-- base: bookings
-- change:
ALTER TABLE prices DROP CONSTRAINT prices_season_excl;
