-- case: a-liquibase-unique-constraint
-- base: shop
-- given:
CREATE TABLE public.databasechangelog (
    ID VARCHAR(255) NOT NULL, AUTHOR VARCHAR(255) NOT NULL, FILENAME VARCHAR(255) NOT NULL,
    DATEEXECUTED TIMESTAMP WITHOUT TIME ZONE NOT NULL, ORDEREXECUTED INTEGER NOT NULL, EXECTYPE VARCHAR(10) NOT NULL,
    MD5SUM VARCHAR(35), DESCRIPTION VARCHAR(255)
);
-- change:
--  *********************************************************************
--  Changeset db/changelog/2024-06.xml::17::ingrid
ALTER TABLE public.customers ADD CONSTRAINT uq_customers_phone UNIQUE (phone);

INSERT INTO public.databasechangelog (ID, AUTHOR, FILENAME, DATEEXECUTED, ORDEREXECUTED, MD5SUM, DESCRIPTION, EXECTYPE) VALUES ('17', 'ingrid', 'db/changelog/2024-06.xml', NOW(), 17, '9:0f0a3d9f0e4a', 'addUniqueConstraint constraintName=uq_customers_phone, tableName=customers', 'EXECUTED');
