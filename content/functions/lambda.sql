-- Facts about AWS Lambda that no API tells.

-- The day on which AWS stops to support a runtime: from the vendor's list of runtimes, as of January 2026. Dates to come are the
-- vendor's plan. NULL for runtimes that are not in the list, such as ones newer than it.
CREATE MACRO lambda_runtime_ends(runtime) AS MAP {
  'nodejs': DATE '2016-10-31', 'nodejs4.3': DATE '2020-03-05', 'nodejs4.3-edge': DATE '2019-04-30', 'nodejs6.10': DATE '2019-08-12', 'nodejs8.10': DATE '2020-03-06',
  'nodejs10.x': DATE '2021-07-30', 'nodejs12.x': DATE '2023-03-31', 'nodejs14.x': DATE '2023-12-04', 'nodejs16.x': DATE '2024-06-12', 'nodejs18.x': DATE '2025-09-01',
  'nodejs20.x': DATE '2026-04-30', 'nodejs22.x': DATE '2027-04-30', 'nodejs24.x': DATE '2028-04-30',
  'python2.7': DATE '2021-07-15', 'python3.6': DATE '2022-07-18', 'python3.7': DATE '2023-12-04', 'python3.8': DATE '2024-10-14', 'python3.9': DATE '2025-12-15',
  'python3.10': DATE '2026-10-31', 'python3.11': DATE '2027-06-30', 'python3.12': DATE '2028-10-31', 'python3.13': DATE '2029-06-30', 'python3.14': DATE '2029-06-30',
  'java8': DATE '2024-01-08', 'java8.al2': DATE '2027-06-30', 'java11': DATE '2027-06-30', 'java17': DATE '2027-06-30', 'java21': DATE '2029-06-30', 'java25': DATE '2029-06-30',
  'dotnetcore1.0': DATE '2019-07-30', 'dotnetcore2.0': DATE '2019-05-30', 'dotnetcore2.1': DATE '2022-01-05', 'dotnetcore3.1': DATE '2023-04-03',
  'dotnet6': DATE '2024-12-20', 'dotnet8': DATE '2026-11-10', 'dotnet10': DATE '2028-11-14',
  'ruby2.5': DATE '2021-07-30', 'ruby2.7': DATE '2023-12-07', 'ruby3.2': DATE '2026-03-31', 'ruby3.3': DATE '2027-03-31', 'ruby3.4': DATE '2028-03-31',
  'go1.x': DATE '2024-01-08', 'provided': DATE '2024-01-08', 'provided.al2': DATE '2026-07-31', 'provided.al2023': DATE '2029-06-30'
  }[runtime];
-- test: lambda_runtime_ends('python3.8') => DATE '2024-10-14'
-- test: lambda_runtime_ends('cobol85') => NULL
-- test: lambda_runtime_ends(NULL) => NULL
