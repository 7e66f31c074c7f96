-- Questions about IAM's credential report and about what its policies add up to. See policy.sql for the form of a policy.

-- A time of the credential report; NULL for what it writes instead of one: N/A, no_information, not_supported.
CREATE MACRO report_time(text) AS try_cast(stance_time(text) AS TIMESTAMPTZ);
-- test: report_time('2024-03-01T10:00:00+00:00') => TIMESTAMPTZ '2024-03-01T10:00:00Z'
-- test: report_time('2024-03-01T10:00:00Z') => TIMESTAMPTZ '2024-03-01T10:00:00Z'
-- test: report_time('N/A') => NULL
-- test: report_time('no_information') => NULL
-- test: report_time('not_supported') => NULL
-- test: report_time(NULL) => NULL
