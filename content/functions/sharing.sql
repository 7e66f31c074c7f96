-- Questions about lists of accounts that something is shared with.

-- The accounts of a list that are neither our own nor trusted. Sorted, each once; what is no account is left out.
CREATE MACRO strangers(accounts, own, trusted) AS coalesce(list_sort(list_distinct(list_filter(accounts,
  lambda _account: regexp_full_match(_account, '[0-9]{12}') AND _account IS DISTINCT FROM own AND NOT coalesce(list_contains(trusted, _account), false)))), []::VARCHAR[]);
-- test: strangers(['444455556666', '111122223333', '444455556666', 'all'], '111122223333', []::VARCHAR[]) => ['444455556666']
-- test: strangers(['444455556666'], '111122223333', ['444455556666']) => []
-- test: strangers(['444455556666'], NULL, NULL) => ['444455556666']
-- test: strangers(NULL::VARCHAR[], '111122223333', []::VARCHAR[]) => []

-- Whether a copy lies elsewhere: the ARN is of another account or another region than where we are.
CREATE MACRO arn_is_elsewhere(arn, account, region) AS coalesce(split_part(arn, ':', 4) <> region OR split_part(arn, ':', 5) <> account, false);
-- test: arn_is_elsewhere('arn:aws:backup:eu-west-1:111122223333:backup-vault:v', '111122223333', 'us-east-1') => true
-- test: arn_is_elsewhere('arn:aws:backup:us-east-1:444455556666:backup-vault:v', '111122223333', 'us-east-1') => true
-- test: arn_is_elsewhere('arn:aws:backup:us-east-1:111122223333:backup-vault:v', '111122223333', 'us-east-1') => false
-- test: arn_is_elsewhere(NULL, '111122223333', 'us-east-1') => false
