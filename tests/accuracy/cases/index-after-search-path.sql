-- case: index-after-search-path
-- base: tenants
-- change:
SET search_path = acme, public;
CREATE INDEX people_team_idx ON people (team);
