-- Is right, and has a test.
CREATE MACRO is_on(x) AS coalesce(x, 'off') = 'Enabled';
-- test: is_on('Enabled') => true
-- test: is_on(NULL) => false

-- Has a lambda inside.
CREATE MACRO any_starts(l, prefix) AS len(list_filter(l, lambda item: starts_with(item, prefix))) > 0;
-- test: any_starts(['ab'], 'a') => true

-- Gives something else than its test says.
CREATE MACRO wrong_test(x) AS x + 1;
-- test: wrong_test(1) => 3

-- Has a test that cannot be asked.
CREATE MACRO broken_test(x) AS x + 1;
-- test: broken_test(1, 2) => 3

-- Has no test.
CREATE MACRO no_test(x) AS x + 1;

-- Names a function that does not exist.
CREATE MACRO no_such(x) AS starts_wiht(x, 'a');
-- test: no_such('a') => true

-- Reads a file.
CREATE MACRO reads_file() AS (SELECT count(*) FROM read_text('/etc/passwd'));
-- test: reads_file() => 0

-- Reads the clock.
CREATE MACRO reads_clock(t) AS t < now();
-- test: reads_clock(NULL) => NULL

-- Has the name of a function of the database.
CREATE MACRO upper(x) AS x;
-- test: upper('a') => 'a'
