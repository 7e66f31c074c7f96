-- Words for found.

-- The first few of a list, and how many more there are: "a, b and 3 more". Empty for no items.
CREATE MACRO some_of(items, few := 3) AS list_transform([items], lambda _all: CASE WHEN coalesce(len(_all), 0) <= few THEN coalesce(array_to_string(_all, ', '), '')
  ELSE array_to_string(_all[1:few], ', ') || ' and ' || (len(_all) - few) || ' more' END)[1];
-- test: some_of(['a', 'b']) => 'a, b'
-- test: some_of(['a', 'b', 'c', 'd', 'e']) => 'a, b, c and 2 more'
-- test: some_of(['a', 'b'], 1) => 'a and 1 more'
-- test: some_of([]::VARCHAR[]) => ''
-- test: some_of(NULL::VARCHAR[]) => ''

-- A number with its noun: "1 key", "2 keys". The plural adds an s unless it is said.
CREATE MACRO counted(n, noun, plural := NULL) AS n || ' ' || CASE WHEN n = 1 THEN noun ELSE coalesce(plural, noun || 's') END;
-- test: counted(1, 'key') => '1 key'
-- test: counted(0, 'key') => '0 keys'
-- test: counted(2, 'policy', 'policies') => '2 policies'

-- What follows the last slash or colon of an ARN: its resource's own name.
CREATE MACRO arn_name(arn) AS regexp_extract(arn, '([^/:]*)$', 1);
-- test: arn_name('arn:aws:iam::111122223333:role/path/admin') => 'admin'
-- test: arn_name('arn:aws:sns:us-east-1:111122223333:topic') => 'topic'
-- test: arn_name(NULL) => NULL
