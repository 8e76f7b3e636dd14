-- Who did what, in the order of doing. Rows are only ever added; each holds the hash of itself, of what it wrote, and
-- of the row before. There is one chain, continued by the one writer.
CREATE TABLE audit (
    number INTEGER NOT NULL PRIMARY KEY,
    chain BIGINT NOT NULL,
    at BIGINT NOT NULL,
    actor TEXT,
    request TEXT NOT NULL,
    interaction TEXT NOT NULL,
    outcome TEXT NOT NULL,
    first_seq BIGINT,
    last_seq BIGINT,
    content BLOB,
    detail TEXT,
    hash BLOB NOT NULL
);

-- Where each chain has come to.
CREATE TABLE audit_chain (
    chain INTEGER NOT NULL PRIMARY KEY,
    number BIGINT NOT NULL,
    hash BLOB NOT NULL
);

-- Versions up to this number are older than the audit.
INSERT INTO store (key, value) SELECT 'audit-from', CAST(coalesce(max(seq), 0) AS TEXT) FROM version;
