DROP TABLE ix_uri, ix_quantity, ix_string, ix_date, ix_reference, ix_token;
DROP FUNCTION draw;
DROP SEQUENCE version_time, version_number;
DROP TABLE batch, version, resource, store;
