-- Questions about filter patterns of CloudWatch Logs for JSON, such as { ($.eventName = StopLogging) || ($.errorCode = "AccessDenied*") }.
-- They are answered by trying the pattern on an event, so that order, spacing and parentheses do not matter, and a && or a != that
-- narrows the pattern does.
--
-- An event is a map of its fields, dotted, to their values. The value (any) stands for one that differs from event to event: a
-- pattern that wants a certain one does not match all such events, and one that turns away a certain one matches enough of them.

-- The regular expression of one comparison in a pattern.
CREATE MACRO filter_comparison_form() AS
  '\$(?:\.[A-Za-z0-9_:-]+|\.?\[[^\]]*\])+\s*(?:(?:!=|>=|<=|=|>|<)\s*(?:"(?:[^"\\]|\\.)*"|%[^%]*%|[^\s()&|}"]+)|(?i:IS\s+NULL|IS\s+TRUE|IS\s+FALSE|NOT\s+EXISTS|EXISTS)\b)';
-- test: regexp_full_match('$.a.b = "c d"', filter_comparison_form()) => true
-- test: regexp_full_match('$.a.b', filter_comparison_form()) => false

-- The comparisons of a pattern, in their order, as written.
CREATE MACRO filter_comparisons(pattern) AS regexp_extract_all(pattern, filter_comparison_form());
-- test: filter_comparisons('{ ($.eventName = DeleteTrail)||($.a.b!="x y") && $.c NOT EXISTS }') => ['$.eventName = DeleteTrail', '$.a.b!="x y"', '$.c NOT EXISTS']
-- test: filter_comparisons('{$.a=b}') => ['$.a=b']
-- test: filter_comparisons('ERROR') => []
-- test: filter_comparisons(NULL) => NULL

-- The parts of a comparison: its field, its test (=, !=, IS NULL and so on) and the value without quotes.
CREATE MACRO comparison_parts(comparison) AS {
  'field': ltrim(regexp_replace(regexp_extract(comparison, '^\$((?:\.[A-Za-z0-9_:-]+|\.?\[[^\]]*\])+)', 1), '\[["'']?([^\]"'']*)["'']?\]', '.\1', 'g'), '.'),
  'test': upper(regexp_replace(regexp_extract(comparison, '(?i)(!=|>=|<=|=|>|<|IS\s+NULL|IS\s+TRUE|IS\s+FALSE|NOT\s+EXISTS|\bEXISTS)', 1), '\s+', ' ', 'g')),
  'value': regexp_replace(regexp_extract(comparison, '(?s)^[^=<>!]*(?:!=|>=|<=|=|>|<)\s*(.*)$', 1), '(?s)^"(.*)"$', '\1')};
-- test: comparison_parts('$.userIdentity.type != "Root"') => {'field': 'userIdentity.type', 'test': '!=', 'value': 'Root'}
-- test: comparison_parts('$.eventName=DeleteTrail') => {'field': 'eventName', 'test': '=', 'value': 'DeleteTrail'}
-- test: comparison_parts('$.[''a''].b = "x = y"') => {'field': 'a.b', 'test': '=', 'value': 'x = y'}
-- test: comparison_parts('$.a  not   exists') => {'field': 'a', 'test': 'NOT EXISTS', 'value': ''}

-- Whether a value of an event is what a pattern wants: * stands for any text, and what lies between two % is a regular expression.
CREATE MACRO filter_value_matches(wanted, value) AS coalesce(CASE WHEN value = '(any)' THEN regexp_full_match(wanted, '\*+')
  WHEN regexp_full_match(wanted, '%.*%') THEN TRY(regexp_matches(value, wanted[2:-2])) WHEN contains(wanted, '*') THEN glob_match(wanted, value) ELSE wanted = value END, false);
-- test: filter_value_matches('AccessDenied*', 'AccessDeniedException') => true
-- test: filter_value_matches('DeleteTrail', 'deletetrail') => false
-- test: filter_value_matches('%^Delete(Trail|Key)$%', 'DeleteTrail') => true
-- test: filter_value_matches('us-east-1', '(any)') => false
-- test: filter_value_matches('*', '(any)') => true
-- test: filter_value_matches('*', NULL) => false

-- Whether a comparison, in parts, holds for an event. Numbers are not compared: such a comparison holds for nothing. A pattern that
-- turns away a region, an account or a kind of identity is taken to turn away the event, because one like it is left out.
CREATE MACRO comparison_holds(parts, event) AS CASE parts.test
  WHEN '=' THEN filter_value_matches(parts.value, event[parts.field])
  WHEN '!=' THEN NOT filter_value_matches(parts.value, event[parts.field]) AND NOT regexp_full_match(parts.value, '\*+')
    AND NOT coalesce(event[parts.field] = '(any)' AND (parts.field IN ('awsRegion', 'recipientAccountId', 'userIdentity.accountId')
      OR (parts.field = 'userIdentity.type' AND parts.value NOT IN ('AWSService', 'AWSAccount'))), false)
  WHEN 'IS NULL' THEN event[parts.field] IS NULL
  WHEN 'NOT EXISTS' THEN event[parts.field] IS NULL
  WHEN 'EXISTS' THEN event[parts.field] IS NOT NULL
  WHEN 'IS TRUE' THEN coalesce(event[parts.field] = 'true', false)
  WHEN 'IS FALSE' THEN coalesce(event[parts.field] = 'false', false)
  ELSE false END;
-- test: comparison_holds({'field': 'eventName', 'test': '=', 'value': 'DeleteTrail'}, MAP {'eventName': 'DeleteTrail'}) => true
-- test: comparison_holds({'field': 'eventName', 'test': '=', 'value': 'DeleteTrail'}, MAP {'eventName': 'StopLogging'}) => false
-- test: comparison_holds({'field': 'sourceIPAddress', 'test': '!=', 'value': '198.51.100.1'}, MAP {'sourceIPAddress': '(any)'}) => true
-- test: comparison_holds({'field': 'awsRegion', 'test': '!=', 'value': 'us-east-1'}, MAP {'awsRegion': '(any)'}) => false
-- test: comparison_holds({'field': 'userIdentity.type', 'test': '!=', 'value': 'AssumedRole'}, MAP {'userIdentity.type': '(any)'}) => false
-- test: comparison_holds({'field': 'userIdentity.type', 'test': '!=', 'value': 'AWSService'}, MAP {'userIdentity.type': '(any)'}) => true
-- test: comparison_holds({'field': 'x', 'test': '!=', 'value': 'y'}, MAP {'eventName': 'DeleteTrail'}) => true
-- test: comparison_holds({'field': 'x', 'test': 'NOT EXISTS', 'value': ''}, MAP {'eventName': 'DeleteTrail'}) => true
-- test: comparison_holds({'field': 'count', 'test': '>', 'value': '1'}, MAP {'count': '2'}) => false

-- One step in reducing a Boolean expression of T, F, &&, || and parentheses: what is joined by && becomes one letter, and so does
-- what stands in parentheses that hold no others.
CREATE MACRO boolean_step(expression) AS regexp_replace(regexp_replace(regexp_replace(regexp_replace(expression,
  '(?:[TF]&&)*F(?:&&[TF])*', 'F', 'g'), 'T(?:&&T)+', 'T', 'g'),
  '\((?:[TF]\|\|)*T(?:\|\|[TF])*\)', 'T', 'g'), '\(F(?:\|\|F)*\)', 'F', 'g');
-- test: boolean_step('(T&&F||T)') => 'T'
-- test: boolean_step('((F||T)&&(T))') => '(T&&T)'
-- test: boolean_step('(F||F&&T)') => 'F'

-- Whether a Boolean expression of T, F, &&, || and parentheses is true. && binds closer than ||. What is not well-formed, or
-- nested more than 16 deep, is not.
CREATE MACRO boolean_value(expression) AS list_reduce(list_prepend('(' || expression || ')', range(16)::VARCHAR[]), lambda _left, _round: boolean_step(_left)) = 'T';
-- test: boolean_value('T') => true
-- test: boolean_value('F||T&&F') => false
-- test: boolean_value('T||F&&F') => true
-- test: boolean_value('(T||F)&&F') => false
-- test: boolean_value('((((F)||(T))&&(T)))') => true
-- test: boolean_value('T T') => false
-- test: boolean_value('(T') => false
-- test: boolean_value('') => false

-- A pattern without its comparisons: # stands in the place of each, and there is no space.
CREATE MACRO filter_skeleton(pattern) AS regexp_replace(regexp_replace(pattern, filter_comparison_form(), '#', 'g'), '\s', '', 'g');
-- test: filter_skeleton('{ ($.a = b) && $.c != "d" }') => '{(#)&&#}'

-- Whether a pattern matches an event. Patterns that are not for JSON, or not well-formed, match none.
CREATE MACRO filter_matches(pattern, event) AS coalesce(regexp_full_match(filter_skeleton(pattern), '\{[#()&|]+\}')
  AND boolean_value(array_to_string(list_transform(list_zip(string_split(trim(filter_skeleton(pattern), '{}'), '#'),
    list_transform(list_transform(filter_comparisons(pattern), lambda _comparison: comparison_parts(_comparison)),
      lambda _parts: CASE WHEN comparison_holds(_parts, event) THEN 'T' ELSE 'F' END)),
    lambda _pair: _pair[1] || coalesce(_pair[2], '')), '')), false);
-- test: filter_matches('{ ($.eventName = DeleteTrail) || ($.eventName = StopLogging) }', MAP {'eventName': 'StopLogging'}) => true
-- test: filter_matches('{($.eventName="StopLogging")||($.eventName="DeleteTrail")}', MAP {'eventName': 'StopLogging'}) => true
-- test: filter_matches('{ $.eventName = StopLogging }', MAP {'eventName': 'StopLogging'}) => true
-- test: filter_matches('{ ($.eventName = DeleteTrail) }', MAP {'eventName': 'StopLogging'}) => false
-- test: filter_matches('{ ($.eventName = StopLoggingNow) }', MAP {'eventName': 'StopLogging'}) => false
-- test: filter_matches('{ ($.eventSource = kms.amazonaws.com) && (($.eventName=DisableKey)||($.eventName=ScheduleKeyDeletion)) }', MAP {'eventSource': 'kms.amazonaws.com', 'eventName': 'DisableKey'}) => true
-- test: filter_matches('{ ($.eventSource = s3.amazonaws.com) && (($.eventName=DisableKey)||($.eventName=ScheduleKeyDeletion)) }', MAP {'eventSource': 'kms.amazonaws.com', 'eventName': 'DisableKey'}) => false
-- test: filter_matches('{ ($.eventName = StopLogging) && ($.awsRegion = us-east-1) }', MAP {'eventName': 'StopLogging', 'awsRegion': '(any)'}) => false
-- test: filter_matches('{ ($.eventName != StopLogging) }', MAP {'eventName': 'StopLogging'}) => false
-- test: filter_matches('{ ($.errorCode ="*UnauthorizedOperation") || ($.errorCode ="AccessDenied*") && ($.sourceIPAddress!="delivery.logs.amazonaws.com") && ($.eventName!="HeadBucket") }', MAP {'errorCode': 'AccessDenied', 'sourceIPAddress': '(any)', 'eventName': '(any)'}) => true
-- test: filter_matches('{ $.userIdentity.type = "Root" && $.userIdentity.invokedBy NOT EXISTS && $.eventType != "AwsServiceEvent" }', MAP {'userIdentity.type': 'Root', 'eventType': 'AwsApiCall'}) => true
-- test: filter_matches('{ $.eventName = StopLogging and $.a = b }', MAP {'eventName': 'StopLogging'}) => false
-- test: filter_matches('{ ($.eventName = StopLogging }', MAP {'eventName': 'StopLogging'}) => false
-- test: filter_matches('StopLogging', MAP {'eventName': 'StopLogging'}) => false
-- test: filter_matches('{}', MAP {'eventName': 'StopLogging'}) => false
-- test: filter_matches('', MAP {'eventName': 'StopLogging'}) => false
-- test: filter_matches(NULL, MAP {'eventName': 'StopLogging'}) => false
