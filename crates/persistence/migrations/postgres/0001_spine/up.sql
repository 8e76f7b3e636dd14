-- `shard` places every row; one shard (0) until a store is distributed.

-- What the store knows of itself: its id, its page-link key, its horizon.
CREATE TABLE store (
    key text COLLATE "C" PRIMARY KEY,
    value text NOT NULL
);

-- The current version of each resource.
CREATE TABLE resource (
    shard smallint NOT NULL DEFAULT 0,
    type smallint NOT NULL,
    id bytea NOT NULL,
    rid bigint NOT NULL,
    seq bigint NOT NULL,
    version bigint NOT NULL,
    deleted boolean NOT NULL,
    PRIMARY KEY (shard, type, id)
) WITH (fillfactor = 90);

-- Every version ever written, in the order of its number; never changed.
CREATE TABLE version (
    shard smallint NOT NULL DEFAULT 0,
    seq bigint NOT NULL,
    rid bigint NOT NULL,
    version bigint NOT NULL,
    type smallint NOT NULL,
    id bytea NOT NULL,
    last_updated bigint NOT NULL,
    deleted boolean NOT NULL,
    splice integer NOT NULL,
    actor text,
    body text NOT NULL,
    PRIMARY KEY (shard, seq)
);
CREATE UNIQUE INDEX version_by_resource ON version (shard, rid, version) WHERE version > 1;
CREATE INDEX version_by_type ON version (shard, type, seq);

-- The numbers of each committed batch: what a snapshot is made of.
CREATE TABLE batch (
    first_seq bigint PRIMARY KEY,
    last_seq bigint NOT NULL,
    last_time bigint NOT NULL
);

-- The next free version number, and the last time given out.
CREATE SEQUENCE version_number;
CREATE SEQUENCE version_time;

-- Numbers and times for a batch, drawn together so that both rise together.
-- The transaction takes its xid first: whoever starts later draws later numbers.
-- The lock lasts for the draw alone; a connection that fails inside is discarded.
CREATE FUNCTION draw(versions bigint, requests bigint, OUT first_seq bigint, OUT first_time bigint)
LANGUAGE plpgsql AS $$
DECLARE
    gate bigint := 'version_number'::regclass::oid::bigint;
BEGIN
    PERFORM pg_current_xact_id();
    PERFORM pg_advisory_lock(gate);
    SELECT last_value INTO first_seq FROM version_number;
    PERFORM setval('version_number', first_seq + versions);
    SELECT greatest(last_value + 1, (extract(epoch FROM clock_timestamp()) * 1000000)::bigint)
        INTO first_time FROM version_time;
    PERFORM setval('version_time', first_time + requests);
    PERFORM pg_advisory_unlock(gate);
END
$$;

-- Index entries, one table per search-parameter type; open while to_seq is null.
CREATE TABLE ix_token (
    shard smallint NOT NULL DEFAULT 0, param integer NOT NULL,
    code text COLLATE "C" NOT NULL, system bigint NOT NULL,
    rid bigint NOT NULL, from_seq bigint NOT NULL, to_seq bigint,
    PRIMARY KEY (shard, param, code, system, rid, from_seq)
);
CREATE TABLE ix_reference (
    shard smallint NOT NULL DEFAULT 0, param integer NOT NULL,
    target_id bytea NOT NULL, target_type bigint NOT NULL,
    rid bigint NOT NULL, from_seq bigint NOT NULL, to_seq bigint,
    PRIMARY KEY (shard, param, target_id, target_type, rid, from_seq)
);
CREATE TABLE ix_date (
    shard smallint NOT NULL DEFAULT 0, param integer NOT NULL,
    low bigint NOT NULL, high bigint NOT NULL,
    rid bigint NOT NULL, from_seq bigint NOT NULL, to_seq bigint,
    PRIMARY KEY (shard, param, low, high, rid, from_seq)
);
CREATE TABLE ix_string (
    shard smallint NOT NULL DEFAULT 0, param integer NOT NULL,
    normal text COLLATE "C" NOT NULL, exact text COLLATE "C" NOT NULL,
    rid bigint NOT NULL, from_seq bigint NOT NULL, to_seq bigint,
    PRIMARY KEY (shard, param, normal, exact, rid, from_seq)
);
CREATE TABLE ix_quantity (
    shard smallint NOT NULL DEFAULT 0, param integer NOT NULL,
    low double precision NOT NULL, high double precision NOT NULL, unit bigint NOT NULL,
    rid bigint NOT NULL, from_seq bigint NOT NULL, to_seq bigint,
    PRIMARY KEY (shard, param, low, high, unit, rid, from_seq)
);
CREATE TABLE ix_uri (
    shard smallint NOT NULL DEFAULT 0, param integer NOT NULL,
    uri text COLLATE "C" NOT NULL,
    rid bigint NOT NULL, from_seq bigint NOT NULL, to_seq bigint,
    PRIMARY KEY (shard, param, uri, rid, from_seq)
);
