-- Every look of a table.
\pset format aligned
SELECT 1 AS a, 'x' AS "long name", E'two\nlines' AS c, 2.5 AS d;
\pset border 0
SELECT 1 AS a, 'x' AS "long name", E'two\nlines' AS c, 2.5 AS d;
\pset border 2
SELECT 1 AS a, 'x' AS "long name", E'two\nlines' AS c, 2.5 AS d;
SELECT 1 AS a, 'é漢' AS "long\nname", E'two\nlines\n' AS c, 2.5 AS d, 'e' as e union all select 3,null,null,77.1,'e';
\pset linestyle unicode
SELECT 1 AS a, 'é漢' AS "long name", E'two\nlines' AS c, 2.5 AS d, 'e' as e;
\pset border 1
SELECT 1 AS a, 'é漢' AS "long name", E'two\nlines' AS c, 2.5 AS d, 'e' as e;
\pset linestyle ascii
\x
SELECT 1 AS a, 'é漢' AS "long name", E'two\nlines' AS c, 2.5 AS d, 'e' as e union all select 3,null,null,77.1,'e';
\pset border 0
SELECT 1 AS a, 'é漢' AS "long name", E'two\nlines' AS c, 2.5 AS d, 'e' as e union all select 3,null,null,77.1,'e';
\pset border 2
SELECT 1 AS a, 'é漢' AS "long name", E'two\nlines' AS c, 2.5 AS d, 'e' as e union all select 3,null,null,77.1,'e';
\pset border 1
SELECT 1 AS a where false;
select;
SELECT 1 AS a, 'thirty-one characters aaaaaaaaaaaaaaaaaaaaaaaaa' b;
\t on
SELECT 1 AS a where false;
SELECT 1 AS a, 'é漢' AS "long name", E'two\nlines' AS c, 2.5 AS d, 'e' as e union all select 3,null,null,77.1,'e';
\x off
SELECT 1 AS a where false;
SELECT 1 AS a, 'é漢' AS "long name", E'two\nlines' AS c, 2.5 AS d, 'e' as e union all select 3,null,null,77.1,'e';
\t off
select;
SELECT 1 AS a where false;
\pset title 'A title'
SELECT 1 AS a, 'thirty-one characters aaaaaaaaaaaaaaaaaaaaaaaaa' b;
\x
SELECT 1 AS a, 'thirty-one characters aaaaaaaaaaaaaaaaaaaaaaaaa' b;
\pset format unaligned
SELECT 1 AS a, 'thirty-one' b;
SELECT 1 AS a where false;
\x
SELECT 1 AS a, 'thirty-one' b;
SELECT 1 AS a where false;
select;
\pset format html
SELECT 1 AS a, ' thirty-one' b, '' c, '<' d;
\x
SELECT 1 AS a, ' thirty-one' b, '' c, '<' d;
SELECT 1 AS a where false;
\pset format csv
SELECT 1 AS a, ' thirty-one' b, '' c, '<' d;
SELECT 1 AS a where false;
\x
SELECT 1 AS a where false;
select;
\pset
\t off
\pset title
\pset format aligned
\x
SELECT 1 AS a, 'é漢' AS "long name", E'two\nlines' AS c, 2.5 AS d, 'e' as e union all select 3,null,null,77.1,'e';
SELECT 1 AS a, E'two\nlines' AS "multi
 line
name";
\pset border 0
SELECT 1 AS a, 'é漢' AS "long name", E'two\nlines' AS c, 2.5 AS d, 'e' as e union all select 3,null,null,77.1,'e';
\pset border 2
SELECT 1 AS a, 'é漢' AS "long name", E'two\nlines' AS c, 2.5 AS d, 'e' as e union all select 3,null,null,77.1,'e';
SELECT 1 AS a, E'two\nlines' AS "multi
 line
name";
\pset linestyle unicode
SELECT 1 AS a, 'é漢' AS "long name", E'two\nlines' AS c, 2.5 AS d, 'e' as e union all select 3,null,null,77.1,'e';
\pset border 1
SELECT 1 AS a, 'é漢' AS "long name", E'two\nlines' AS c, 2.5 AS d, 'e' as e union all select 3,null,null,77.1,'e';
\pset linestyle ascii
SELECT 1 AS a where false;
select;
\x
\pset border 0
SELECT 1 AS a, 'é漢' AS "long name", E'two\nlines' AS c, 2.5 AS d, 'e' as e union all select 3,null,null,77.1,'e';
SELECT 1 AS a, E'two\nlines' AS "multi
 line
name";
\pset border 1
SELECT 1 AS a, 'é漢' AS "long name", E'two\nlines' AS c, 2.5 AS d, 'e' as e union all select 3,null,null,77.1,'e';
SELECT 1 AS a, E'two\nlines' AS "multi
 line
name";
\pset border 2
SELECT 1 AS a, 'é漢' AS "long name", E'two\nlines' AS c, 2.5 AS d, 'e' as e union all select 3,null,null,77.1,'e';
SELECT 1 AS a, E'two\nlines' AS "multi
 line
name";
select;
SELECT 1 AS a where false;
\pset footer off
SELECT 1 AS a where false;
\pset title 'A'
SELECT 1 AS a where false;
\pset title 'A title that is rather long'
SELECT 1 AS a where false;
SELECT E'a\tb', E'\x01', 'x'::bytea, '{1}'::int[], true, 1::oid, 1::money, 1.5::real, now()::date - now()::date ;
\x
SELECT 1 AS a where false;
