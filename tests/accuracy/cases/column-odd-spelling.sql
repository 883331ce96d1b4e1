-- case: column-odd-spelling
-- base: shop
-- change:
alter/**/table
    orders -- the big one
    add /* not DROP */ column "z;" int not
    null default /* random() */ 1;
