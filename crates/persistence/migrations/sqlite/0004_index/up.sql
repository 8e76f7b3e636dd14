-- What is indexed. A unit is a part of search parameters' expressions for one resource type; it owns the index rows
-- with its number, which no other unit ever gets. What the index holds of it, the index itself says.
CREATE TABLE unit (
    number INTEGER NOT NULL PRIMARY KEY,
    key TEXT NOT NULL,
    retired BOOLEAN NOT NULL DEFAULT FALSE
);
CREATE UNIQUE INDEX unit_by_key ON unit (key) WHERE NOT retired;

-- Work that goes on for long, beside requests. Times are microseconds since 1970.
CREATE TABLE job (
    id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    kind TEXT NOT NULL,
    parameters TEXT NOT NULL,
    state SMALLINT NOT NULL DEFAULT 0,
    done BIGINT NOT NULL DEFAULT 0,
    total BIGINT NOT NULL DEFAULT 0,
    place TEXT NOT NULL DEFAULT '',
    message TEXT NOT NULL DEFAULT '',
    owner TEXT,
    token BIGINT NOT NULL DEFAULT 0,
    expires BIGINT NOT NULL DEFAULT 0,
    cancel BOOLEAN NOT NULL DEFAULT FALSE,
    created BIGINT NOT NULL,
    started BIGINT,
    ended BIGINT
);
CREATE INDEX job_by_state ON job (id) WHERE state < 2;
