-- case: type-drop-unused
-- base: ledger
-- given:
CREATE TYPE ledger.colour AS ENUM ('red', 'black');
-- change:
DROP TYPE ledger.colour;
