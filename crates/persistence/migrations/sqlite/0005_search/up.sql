-- The resources of a type, in the order of their keys.
CREATE INDEX version_first ON version (type, seq) WHERE version = 1;
