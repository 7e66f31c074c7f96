-- Questions about tags, as columns of type tags hold them. Where a resource has none they are NULL or empty, which is the same.

-- Whether there is a tag of this key, as written; an empty value counts.
CREATE MACRO has_tag(tags, tag_key) AS coalesce(list_contains(map_keys(tags), tag_key), false);
-- test: has_tag(MAP {'Owner': 'a'}, 'Owner') => true
-- test: has_tag(MAP {'Owner': ''}, 'Owner') => true
-- test: has_tag(MAP {'Owner': 'a'}, 'owner') => false
-- test: has_tag(NULL::MAP(VARCHAR, VARCHAR), 'Owner') => false

-- Whether there is a tag of this key with a value that is not blank.
CREATE MACRO has_tag_value(tags, tag_key) AS coalesce(trim(tags[tag_key]) <> '', false);
-- test: has_tag_value(MAP {'Owner': 'a'}, 'Owner') => true
-- test: has_tag_value(MAP {'Owner': ' '}, 'Owner') => false
-- test: has_tag_value(MAP {'Team': 'a'}, 'Owner') => false
-- test: has_tag_value(NULL::MAP(VARCHAR, VARCHAR), 'Owner') => false

-- The keys of some that a resource is not tagged with, in the order given.
CREATE MACRO missing_tags(tags, tag_keys) AS list_filter(tag_keys, lambda _wanted: NOT has_tag(tags, _wanted));
-- test: missing_tags(MAP {'Owner': 'a'}, ['Team', 'Owner', 'Stage']) => ['Team', 'Stage']
-- test: missing_tags(NULL::MAP(VARCHAR, VARCHAR), ['Owner']) => ['Owner']
-- test: missing_tags(MAP {'Owner': 'a'}, []::VARCHAR[]) => []
