-- Commands with their mistakes; nothing ends the script.
\set ON_ERROR_STOP off
\set QUIET off
\t off
\t
\t
\timing maybe
\timing off
\pset footer off
\pset footer
\pset numericlocale
\pset pager off
\pset pager always
\pset pager maybe
\pset fieldsep
\pset fieldsep_zero
\pset fieldsep ' | '
\pset recordsep
\pset recordsep x
\pset recordsep_zero
\pset recordsep '\n'
\pset null
\pset null 'x'
\pset columns
\pset columns 20
\pset columns 0
\pset border 2
\pset border
\pset csv_fieldsep ';'
\pset csv_fieldsep ';;'
\pset csv_fieldsep '"'
\pset linestyle nosuch
\pset linestyle u
\pset linestyle ascii
\pset unicode_border_linestyle double
\pset unicode_border_linestyle x
\pset title 'a title'
\pset title
\pset tableattr x
\T
\pset pager_min_lines 3
\pset pager_min_lines x
\pset x
\pset expanded auto
\pset expanded maybe
\x off
\pset format a
\pset format nosuch
\pset tuples_only
\pset tuples_only maybe
\pset
\pset nosuch
\a
\a
\H
\H
\H
\a
\f
\f |
\C
\C x
\C
\r
\p
create temp table zz(i int);
insert into zz values (1),(2);
update zz set i = 3 returning i;
delete from zz where i = 0;
select 1 into temp zzz;
begin;
commit;
\set QUIET on
\set FETCH_COUNT x
\set FETCH_COUNT 0x10
\echo :FETCH_COUNT
\unset FETCH_COUNT
\echo :FETCH_COUNT
\set ECHO x
\set ON_ERROR_ROLLBACK x
\set ON_ERROR_ROLLBACK
\echo :ON_ERROR_ROLLBACK
\set ON_ERROR_ROLLBACK off
\set COMP_KEYWORD_CASE x
\set HISTCONTROL x
\set VERBOSITY x
\set SHOW_CONTEXT x
\set a-b
\set SHOW_ALL_RESULTS off
select 1 \; select 2;
\set SHOW_ALL_RESULTS on
\getenv
\getenv x
\setenv
\setenv a=b c
\setenv A
\unset
\i
\ir
\w
\encoding
\cd /nonexistent
\cd /
\! pwd
\echo ==
\echo ==
\echo ==
\echo ==
\echo ==
\encoding latin1
rollback;
\crosstabview
select 1,2,3,4 \crosstabview
select 1,2,3 \crosstabview 1 1
select 1,2,3 \crosstabview 1 9
select 1,2,3 \crosstabview x
select 1,2,3 union all select 1,2,4 \crosstabview
select 1 a,2 b,3 c,4 d union all select 1,3,4,1 union all select 2,null,null,null \crosstabview a b c d
select 1 a,2 b,3 c,4 d union all select 1,3,4,1 union all select 2,null,null,null \crosstabview a b c a
select 'x' a,2 b,3 c,'u' d \crosstabview a b c d
select 1 \g (format=csv
select 1 \g (nosuch=1)
\echo :{?x} :"USER" :'USER'
select 1 \gdesc
create table if not exists zz(i int) \gdesc
select nope \gdesc
select 1 as a, 2 as b \; select 3 as c \gexec
\o | cat >&2
select 'piped';
\o
\o /nonexistent/x
\i -
\copy nope from '/tmp'
\copy nope from 'nope'
\copy zz to program 'cat >/dev/null; exit 3'
\copy zz from program 'exit 3'
\copy zz to '/nonexistent/x'
\copy (select 1) to pstdout

\copy
\copy zz
\copy zz from
\copy zz from program ls
\copy zz(i) from stdin
1
\.
\copy (select ')', E'\'', "i" from zz where i > 1) to stdout
\COPY zz to stdout
copy zz from stdin \g
5
\.
copy zz to stdout \g | cat
select 'a' \; copy zz to stdout \; select 'b' \g out.txt
\! cat out.txt
\echo :ROW_COUNT :ERROR :SQLSTATE :LAST_ERROR_SQLSTATE :LAST_ERROR_MESSAGE
copy zz from stdin;
x
\.
select * from zz;
\set VERBOSITY verbose
insert into zz values ('x');
\set VERBOSITY sqlstate
insert into zz values ('x');
\set VERBOSITY terse
insert into zz values ('x');
\set VERBOSITY default
\set SHOW_CONTEXT always
do $$ begin raise notice 'n'; raise exception 'e' using table = 'zz', schema = 's', errcode = '22222'; end $$;
\set SHOW_CONTEXT never
do $$ begin raise notice 'n'; raise exception 'e' using table = 'zz'; end $$;
\errverbose
\set SHOW_CONTEXT errors
\set ON_ERROR_ROLLBACK on
begin;
select 1/0;
savepoint a;
select 2;
rollback to a;
select 3;
commit;
\set ON_ERROR_ROLLBACK off
\set AUTOCOMMIT off
select 4;
rollback;
\set AUTOCOMMIT on
listen c;
notify c;
notify c, 'load';
select pg_sleep(0) \gexec
values ('select 1'), ('select 1/0'), ('select 2') \gexec
select 1 as a, 2 as "ON_ERROR_STOP", null as b \gset x_
\echo :x_a :x_ON_ERROR_STOP :x_b
select 1 as a where false \gset
select 1 as a, 2 as a \gdesc
select \gdesc
select 1; \gx
\restrict
\restrict key
\echo no
\unrestrict nokey
\unrestrict key
\unrestrict key
\if true \echo yes \else \echo no \endif \echo end
\if
\else x
\endif y
\set ECHO all
select 1
  + 1; select 2;
copy zz from stdin;
9
\.
\if false
 select 3;
\endif
values ('select 4') \gexec
\set ECHO queries
select 5; select 6;
\set ECHO errors
select 7/0;
\set ECHO none
\i nosuch
\ir nosuch
\i .
\i inc//./a.sql
\ir inc/b.sql
\echo :'from_b' :"from_b" :{?from_b} :{?nope}
\qecho -n q
\warn -n w
\echo
\echo -n -n a
\echo '-n' a
\prompt 'name' n
\o out.txt
select 8;
\qecho in file
\o |sed s/9/nine/
select 9;
\o
\! cat out.txt
\gset
\g
\w
\w out.txt
\! cat out.txt
\w |cat
\copy (select generate_series(1, 100000)) to program 'true'
\copy (select generate_series(1, 100000)) to '/dev/full'
