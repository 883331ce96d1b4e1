-- case: d-exclusion-dropped-if-exists
-- base: bookings
-- change:
ALTER TABLE prices DROP CONSTRAINT IF EXISTS prices_season_excl RESTRICT;
