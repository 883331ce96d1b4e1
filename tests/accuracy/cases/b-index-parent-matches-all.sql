-- case: b-index-parent-matches-all
-- base: events
-- given:
CREATE INDEX metrics_eu_at_idx ON log.metrics_eu (at);
CREATE INDEX metrics_rest_at_idx ON log.metrics_rest (at);
-- change:
CREATE INDEX metrics_at_idx ON log.metrics (at);
