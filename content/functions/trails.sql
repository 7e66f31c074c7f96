-- Questions about what a trail of CloudTrail records. A trail has basic or advanced event selectors; the other list is NULL or empty.

-- Basic event selectors in a JSON text, in the form that the table of trails has them.
CREATE MACRO event_selectors_of(document) AS from_json(document, '[{"ReadWriteType": "VARCHAR", "IncludeManagementEvents": "BOOLEAN",
  "DataResources": [{"Type": "VARCHAR", "Values": ["VARCHAR"]}], "ExcludeManagementEventSources": ["VARCHAR"]}]');
-- test: event_selectors_of('[{"ReadWriteType":"All"}]')[1].ReadWriteType => 'All'

-- Advanced event selectors in a JSON text, in the form that the table of trails has them.
CREATE MACRO advanced_event_selectors_of(document) AS from_json(document, '[{"Name": "VARCHAR", "FieldSelectors": [{"Field": "VARCHAR",
  "Equals": ["VARCHAR"], "StartsWith": ["VARCHAR"], "EndsWith": ["VARCHAR"], "NotEquals": ["VARCHAR"], "NotStartsWith": ["VARCHAR"], "NotEndsWith": ["VARCHAR"]}]}]');
-- test: advanced_event_selectors_of('[{"FieldSelectors":[{"Field":"readOnly","Equals":["true"]}]}]')[1].FieldSelectors[1].Equals => ['true']

-- Whether an advanced selector wants a value of a field.
CREATE MACRO selector_has(selector, field, value) AS coalesce(len(list_filter(selector.FieldSelectors, lambda _has:
  _has.Field = field AND coalesce(list_contains(_has.Equals, value), false))) > 0, false);
-- test: selector_has(advanced_event_selectors_of('[{"FieldSelectors":[{"Field":"eventCategory","Equals":["Data"]}]}]')[1], 'eventCategory', 'Data') => true
-- test: selector_has(advanced_event_selectors_of('[{"FieldSelectors":[{"Field":"eventCategory","NotEquals":["Data"]}]}]')[1], 'eventCategory', 'Data') => false

-- Whether an advanced selector takes in reads ('true') or writes ('false'): it does unless it wants the other alone.
CREATE MACRO selector_takes(selector, read_only) AS coalesce(len(list_filter(selector.FieldSelectors, lambda _takes:
  _takes.Field = 'readOnly' AND NOT coalesce(list_contains(_takes.Equals, read_only), true))) = 0, false);
-- test: selector_takes(advanced_event_selectors_of('[{"FieldSelectors":[{"Field":"readOnly","Equals":["true"]}]}]')[1], 'true') => true
-- test: selector_takes(advanced_event_selectors_of('[{"FieldSelectors":[{"Field":"readOnly","Equals":["true"]}]}]')[1], 'false') => false
-- test: selector_takes(advanced_event_selectors_of('[{"FieldSelectors":[{"Field":"eventCategory","Equals":["Data"]}]}]')[1], 'false') => true

-- What a field of a selector wants, in one list; empty if it only turns away.
CREATE MACRO selector_wants(field) AS list_concat(coalesce(field.Equals, []), coalesce(field.StartsWith, []), coalesce(field.EndsWith, []));
-- test: selector_wants(advanced_event_selectors_of('[{"FieldSelectors":[{"Field":"eventName","Equals":["a"],"StartsWith":["b"],"NotEquals":["c"]}]}]')[1].FieldSelectors[1]) => ['a', 'b']

-- What a field of a selector turns away, in one list.
CREATE MACRO selector_refuses(field) AS list_concat(coalesce(field.NotEquals, []), coalesce(field.NotStartsWith, []), coalesce(field.NotEndsWith, []));
-- test: selector_refuses(advanced_event_selectors_of('[{"FieldSelectors":[{"Field":"eventName","Equals":["a"],"NotEquals":["c"]}]}]')[1].FieldSelectors[1]) => ['c']

-- The selectors that record management events of everything, but for what each refuses: whether they take reads and writes, and what
-- they refuse, event sources by name and the rest as field and value. A trail without selectors of its own records all.
CREATE MACRO management_selectors(basic, advanced, has_custom) AS CASE
  WHEN coalesce(len(basic), 0) + coalesce(len(advanced), 0) = 0
    THEN CASE WHEN coalesce(has_custom, false) THEN [] ELSE [{'reads': true, 'writes': true, 'refused': []::VARCHAR[]}] END
  ELSE list_concat(
    list_transform(list_filter(coalesce(basic, []), lambda _basic: coalesce(_basic.IncludeManagementEvents, true)), lambda _plain: {
      'reads': coalesce(_plain.ReadWriteType, 'All') <> 'WriteOnly', 'writes': coalesce(_plain.ReadWriteType, 'All') <> 'ReadOnly',
      'refused': coalesce(_plain.ExcludeManagementEventSources, [])}),
    list_transform(list_filter(coalesce(advanced, []), lambda _advanced: selector_has(_advanced, 'eventCategory', 'Management')
        AND len(list_filter(_advanced.FieldSelectors, lambda _narrow: _narrow.Field NOT IN ('eventCategory', 'readOnly') AND len(selector_wants(_narrow)) > 0)) = 0),
      lambda _fine: {'reads': selector_takes(_fine, 'true'), 'writes': selector_takes(_fine, 'false'),
        'refused': flatten(list_transform(_fine.FieldSelectors, lambda _out: list_transform(selector_refuses(_out),
          lambda _value: CASE WHEN _out.Field = 'eventSource' THEN _value ELSE _out.Field || ' ' || _value END)))})) END;
-- test: management_selectors(NULL, NULL, false) => [{'reads': true, 'writes': true, 'refused': []}]
-- test: management_selectors(NULL, NULL, true) => []
-- test: management_selectors(event_selectors_of('[{"ReadWriteType":"WriteOnly","IncludeManagementEvents":true,"ExcludeManagementEventSources":["kms.amazonaws.com"]}]'), NULL, true) => [{'reads': false, 'writes': true, 'refused': ['kms.amazonaws.com']}]
-- test: management_selectors(event_selectors_of('[{"ReadWriteType":"All","IncludeManagementEvents":false}]'), NULL, true) => []
-- test: management_selectors(NULL, advanced_event_selectors_of('[{"FieldSelectors":[{"Field":"eventCategory","Equals":["Management"]},{"Field":"readOnly","Equals":["false"]}]}]'), true) => [{'reads': false, 'writes': true, 'refused': []}]
-- test: management_selectors(NULL, advanced_event_selectors_of('[{"FieldSelectors":[{"Field":"eventCategory","Equals":["Management"]},{"Field":"eventSource","NotEquals":["kms.amazonaws.com"]},{"Field":"userIdentity.arn","NotStartsWith":["arn:x"]}]}]'), true) => [{'reads': true, 'writes': true, 'refused': ['kms.amazonaws.com', 'userIdentity.arn arn:x']}]
-- test: management_selectors(NULL, advanced_event_selectors_of('[{"FieldSelectors":[{"Field":"eventCategory","Equals":["Management"]},{"Field":"eventSource","Equals":["iam.amazonaws.com"]}]}]'), true) => []
-- test: management_selectors(NULL, advanced_event_selectors_of('[{"FieldSelectors":[{"Field":"eventCategory","Equals":["Data"]}]}]'), true) => []

-- What all of some management selectors refuse, each once, sorted.
CREATE MACRO refused_by_all(selectors) AS list_sort(list_distinct(list_filter(flatten(list_transform(selectors, lambda _from: _from.refused)),
  lambda _one: len(list_filter(selectors, lambda _other: NOT list_contains(_other.refused, _one))) = 0)));
-- test: refused_by_all([{'reads': true, 'writes': true, 'refused': ['b', 'a']}, {'reads': true, 'writes': true, 'refused': ['a']}]) => ['a']
-- test: refused_by_all([{'reads': true, 'writes': true, 'refused': ['b', 'a']}]) => ['a', 'b']

-- Whether an ARN of a selector means every resource of its service: arn:aws:s3, arn:aws:s3::: or arn:aws:lambda.
CREATE MACRO arn_is_every(arn) AS coalesce(regexp_full_match(arn, 'arn:[a-z-]+:[a-z0-9-]+:*/?'), false);
-- test: arn_is_every('arn:aws:s3:::') => true
-- test: arn_is_every('arn:aws:s3') => true
-- test: arn_is_every('arn:aws-cn:lambda') => true
-- test: arn_is_every('arn:aws:s3:::logs/') => false
-- test: arn_is_every(NULL) => false

-- The selectors that record data events of every resource of a type, such as AWS::S3::Object: whether they take reads and writes.
-- What lies in the bucket of the own ARN may be left out, for a trail that records its own bucket records itself.
CREATE MACRO data_selectors(basic, advanced, resource_type, own_arn) AS list_concat(
  list_transform(list_filter(coalesce(basic, []), lambda _basic: len(list_filter(coalesce(_basic.DataResources, []), lambda _data:
      _data."Type" = resource_type AND len(list_filter(coalesce(_data."Values", []), lambda _arn: arn_is_every(_arn))) > 0)) > 0),
    lambda _plain: {'reads': coalesce(_plain.ReadWriteType, 'All') <> 'WriteOnly', 'writes': coalesce(_plain.ReadWriteType, 'All') <> 'ReadOnly'}),
  list_transform(list_filter(coalesce(advanced, []), lambda _advanced: selector_has(_advanced, 'eventCategory', 'Data') AND selector_has(_advanced, 'resources.type', resource_type)
      AND len(list_filter(_advanced.FieldSelectors, lambda _narrow: _narrow.Field NOT IN ('eventCategory', 'resources.type', 'readOnly') AND NOT coalesce(
        _narrow.Field = 'resources.ARN' AND (len(selector_wants(_narrow)) = 0 OR len(list_filter(coalesce(_narrow.StartsWith, []), lambda _start: arn_is_every(_start))) > 0)
        AND len(list_filter(selector_refuses(_narrow), lambda _refused: NOT coalesce(starts_with(_refused, own_arn || '/'), false))) = 0, false))) = 0),
    lambda _fine: {'reads': selector_takes(_fine, 'true'), 'writes': selector_takes(_fine, 'false')}));
-- test: data_selectors(event_selectors_of('[{"ReadWriteType":"WriteOnly","DataResources":[{"Type":"AWS::S3::Object","Values":["arn:aws:s3:::b/","arn:aws:s3"]}]}]'), NULL, 'AWS::S3::Object', NULL) => [{'reads': false, 'writes': true}]
-- test: data_selectors(event_selectors_of('[{"ReadWriteType":"All","DataResources":[{"Type":"AWS::S3::Object","Values":["arn:aws:s3:::b/"]}]}]'), NULL, 'AWS::S3::Object', NULL) => []
-- test: data_selectors(event_selectors_of('[{"ReadWriteType":"All","DataResources":[{"Type":"AWS::Lambda::Function","Values":["arn:aws:lambda"]}]}]'), NULL, 'AWS::S3::Object', NULL) => []
-- test: data_selectors(NULL, advanced_event_selectors_of('[{"FieldSelectors":[{"Field":"eventCategory","Equals":["Data"]},{"Field":"resources.type","Equals":["AWS::S3::Object"]}]}]'), 'AWS::S3::Object', NULL) => [{'reads': true, 'writes': true}]
-- test: data_selectors(NULL, advanced_event_selectors_of('[{"FieldSelectors":[{"Field":"eventCategory","Equals":["Data"]},{"Field":"resources.type","Equals":["AWS::S3::Object"]},{"Field":"resources.ARN","NotStartsWith":["arn:aws:s3:::logs/"]}]}]'), 'AWS::S3::Object', 'arn:aws:s3:::logs') => [{'reads': true, 'writes': true}]
-- test: data_selectors(NULL, advanced_event_selectors_of('[{"FieldSelectors":[{"Field":"eventCategory","Equals":["Data"]},{"Field":"resources.type","Equals":["AWS::S3::Object"]},{"Field":"resources.ARN","NotStartsWith":["arn:aws:s3:::secret/"]}]}]'), 'AWS::S3::Object', 'arn:aws:s3:::logs') => []
-- test: data_selectors(NULL, advanced_event_selectors_of('[{"FieldSelectors":[{"Field":"eventCategory","Equals":["Data"]},{"Field":"resources.type","Equals":["AWS::S3::Object"]},{"Field":"eventName","Equals":["PutObject"]}]}]'), 'AWS::S3::Object', NULL) => []
-- test: data_selectors(NULL, advanced_event_selectors_of('[{"FieldSelectors":[{"Field":"eventCategory","Equals":["Data"]},{"Field":"resources.type","Equals":["AWS::S3::Object"]},{"Field":"resources.ARN","NotStartsWith":["arn:aws:s3:::logs"]}]}]'), 'AWS::S3::Object', 'arn:aws:s3:::logs') => []
-- test: data_selectors(NULL, NULL, 'AWS::S3::Object', NULL) => []
