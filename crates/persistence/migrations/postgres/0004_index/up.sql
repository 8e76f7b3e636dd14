-- What is indexed. A unit is a part of search parameters' expressions for one resource type; it owns the index rows
-- with its number, which no other unit ever gets.
CREATE TABLE unit (
    number integer PRIMARY KEY,
    key text COLLATE "C" NOT NULL,
    retired boolean NOT NULL DEFAULT false
);
CREATE UNIQUE INDEX unit_by_key ON unit (key) WHERE NOT retired;

-- How far the index holds each unit: in a pass, which goes through the resources, or (pass 0) completely, as of all
-- snapshots from one on.
CREATE TABLE built (
    unit integer PRIMARY KEY,
    pass integer NOT NULL,
    since bigint NOT NULL DEFAULT 0
);
CREATE TABLE pass (
    pass integer PRIMARY KEY,
    reached bigint NOT NULL
);

-- How common values are: estimates. About so many rows of an index table are of a unit and have a leading value, given by
-- a hash; 0 for all values.
CREATE TABLE tally (
    ix smallint NOT NULL,
    param integer NOT NULL,
    value bigint NOT NULL,
    number bigint NOT NULL,
    PRIMARY KEY (ix, param, value)
) WITH (fillfactor = 70);

-- Rises with every change of what is indexed. The row is of the transaction that made the change; the sequence, which
-- every write checks, shows it at once, so that no write is of an older generation once the row is committed.
CREATE TABLE generation (
    number bigint PRIMARY KEY
);
INSERT INTO generation VALUES (0);
CREATE SEQUENCE generation_number MINVALUE 0 START 0;

-- Work that goes on for long, beside requests. Times are microseconds since 1970.
CREATE TABLE job (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    kind text NOT NULL,
    parameters text NOT NULL,
    state smallint NOT NULL DEFAULT 0,
    done bigint NOT NULL DEFAULT 0,
    total bigint NOT NULL DEFAULT 0,
    place text NOT NULL DEFAULT '',
    message text NOT NULL DEFAULT '',
    owner text,
    token bigint NOT NULL DEFAULT 0,
    expires bigint NOT NULL DEFAULT 0,
    cancel boolean NOT NULL DEFAULT false,
    created bigint NOT NULL,
    started bigint,
    ended bigint
);
CREATE INDEX job_by_state ON job (id) WHERE state < 2;

-- Index tables are made from their one description in the program.
DROP TABLE ix_token, ix_reference, ix_date, ix_string, ix_quantity, ix_uri;

-- Numbers and times for a batch, drawn together so that both rise together, and the generation that it must be of.
-- The transaction takes its xid first: whoever starts later draws later numbers, and whoever is of an older generation
-- has an xid that was taken before the change.
-- The lock lasts for the draw alone; a connection that fails inside is discarded.
DROP FUNCTION draw(bigint, bigint);
CREATE FUNCTION draw(versions bigint, requests bigint, OUT first_seq bigint, OUT first_time bigint, OUT generation bigint)
LANGUAGE plpgsql AS $$
DECLARE
    gate bigint := 'version_number'::regclass::oid::bigint;
BEGIN
    PERFORM pg_current_xact_id();
    SELECT last_value INTO generation FROM generation_number;
    PERFORM pg_advisory_lock(gate);
    SELECT last_value INTO first_seq FROM version_number;
    PERFORM setval('version_number', first_seq + versions);
    SELECT greatest(last_value + 1, (extract(epoch FROM clock_timestamp()) * 1000000)::bigint)
        INTO first_time FROM version_time;
    PERFORM setval('version_time', first_time + requests);
    PERFORM pg_advisory_unlock(gate);
END
$$;
