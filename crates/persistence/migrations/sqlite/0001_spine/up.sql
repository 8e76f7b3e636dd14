-- What the store knows of itself: its id, its page-link key.
CREATE TABLE store (
    key TEXT NOT NULL PRIMARY KEY,
    value TEXT NOT NULL
) WITHOUT ROWID;

-- The current version of each resource.
CREATE TABLE resource (
    type INTEGER NOT NULL,
    id BLOB NOT NULL,
    rid BIGINT NOT NULL,
    seq BIGINT NOT NULL,
    version BIGINT NOT NULL,
    deleted BOOLEAN NOT NULL,
    PRIMARY KEY (type, id)
) WITHOUT ROWID;

-- Every version ever written, in the order of its number; never changed.
CREATE TABLE version (
    seq INTEGER NOT NULL PRIMARY KEY,
    rid BIGINT NOT NULL,
    version BIGINT NOT NULL,
    type INTEGER NOT NULL,
    id BLOB NOT NULL,
    last_updated BIGINT NOT NULL,
    deleted BOOLEAN NOT NULL,
    splice INTEGER NOT NULL,
    actor TEXT,
    body TEXT NOT NULL
);

-- A first version is found by its number, because seq = rid there.
CREATE UNIQUE INDEX version_by_resource ON version (rid, version) WHERE version > 1;
CREATE INDEX version_by_type ON version (type, seq);
