-- case: a-hibernate-envers-tables
-- base: ledger
-- change:
create sequence ledger.revinfo_seq start with 1 increment by 50;
create table ledger.revinfo (rev integer not null, revtstmp bigint, primary key (rev));
create table ledger.accounts_aud (
    id bigint not null, rev integer not null, revtype smallint, title varchar(255), closed date,
    primary key (rev, id)
);
alter table if exists ledger.accounts_aud add constraint fk_accounts_aud_rev foreign key (rev) references ledger.revinfo;
insert into ledger.revinfo (rev, revtstmp) values (0, extract(epoch from now())::bigint * 1000);
insert into ledger.accounts_aud (id, rev, revtype, title, closed) select id, 0, 0, title, closed from ledger.accounts;
create index idx_accounts_aud_id on ledger.accounts_aud (id);
