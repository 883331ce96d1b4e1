-- case: d-index-comments-in-between
-- base: shop
-- change:
CREATE /* not UNIQUE */ INDEX -- CONCURRENTLY is left for later
    customers_country_idx
    ON /* the table of customers */ customers (country);
