-- case: primary-key-plain
-- base: events
-- change:
ALTER TABLE log.metrics_rest ADD PRIMARY KEY (region, at);
