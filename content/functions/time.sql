-- Questions about time. The time of the question is always collected_at, never the clock: a verdict can be reproduced.

-- How many whole days have passed from a time to another: 89 days and 23 hours are 89. Negative for times to come; NULL for NULL.
CREATE MACRO age_days(since, moment) AS floor((epoch_us(moment::TIMESTAMPTZ) - epoch_us(since::TIMESTAMPTZ)) / 86400000000)::BIGINT;
-- test: age_days(TIMESTAMPTZ '2026-01-01T12:00:00Z', TIMESTAMPTZ '2026-01-15T12:00:00Z') => 14
-- test: age_days(TIMESTAMPTZ '2026-01-01T12:00:01Z', TIMESTAMPTZ '2026-01-15T12:00:00Z') => 13
-- test: age_days(TIMESTAMPTZ '2026-01-15T12:00:00Z', TIMESTAMPTZ '2026-01-15T12:00:00Z') => 0
-- test: age_days(TIMESTAMPTZ '2026-01-15T12:00:01Z', TIMESTAMPTZ '2026-01-15T12:00:00Z') => -1
-- test: age_days(TIMESTAMPTZ '2024-02-28T00:00:00Z', TIMESTAMPTZ '2024-03-01T00:00:00Z') => 2
-- test: age_days(NULL, TIMESTAMPTZ '2026-01-15T12:00:00Z') => NULL

-- How many whole days are left until a time: 29 days and 23 hours are 29. Negative once it has passed; NULL for NULL.
CREATE MACRO days_until(deadline, moment) AS floor((epoch_us(deadline::TIMESTAMPTZ) - epoch_us(moment::TIMESTAMPTZ)) / 86400000000)::BIGINT;
-- test: days_until(TIMESTAMPTZ '2026-02-14T12:00:00Z', TIMESTAMPTZ '2026-01-15T12:00:00Z') => 30
-- test: days_until(TIMESTAMPTZ '2026-02-14T11:59:59Z', TIMESTAMPTZ '2026-01-15T12:00:00Z') => 29
-- test: days_until(TIMESTAMPTZ '2026-01-15T11:59:59Z', TIMESTAMPTZ '2026-01-15T12:00:00Z') => -1
-- test: days_until(NULL, TIMESTAMPTZ '2026-01-15T12:00:00Z') => NULL

-- A time as a day, for found: 2026-01-15.
CREATE MACRO on_day(moment) AS strftime(moment::TIMESTAMPTZ AT TIME ZONE 'UTC', '%Y-%m-%d');
-- test: on_day(TIMESTAMPTZ '2026-01-15T23:30:00Z') => '2026-01-15'
-- test: on_day(NULL) => NULL
