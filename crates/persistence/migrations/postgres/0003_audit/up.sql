-- Who did what, in the order of doing, a chain for each lane of each process. Rows are only ever added; each holds the
-- hash of itself, of what it wrote, and of the row before in its chain.
CREATE TABLE audit (
    chain bigint NOT NULL,
    number bigint NOT NULL,
    at bigint NOT NULL,
    actor text,
    request text NOT NULL,
    interaction text NOT NULL,
    outcome text NOT NULL,
    first_seq bigint,
    last_seq bigint,
    content bytea,
    detail text,
    hash bytea NOT NULL,
    PRIMARY KEY (chain, number)
);
CREATE INDEX audit_by_version ON audit (first_seq) WHERE first_seq IS NOT NULL;

-- Where each chain has come to.
CREATE TABLE audit_chain (
    chain bigint PRIMARY KEY,
    number bigint NOT NULL,
    hash bytea NOT NULL
) WITH (fillfactor = 50);

-- Versions up to this number are older than the audit.
INSERT INTO store (key, value) SELECT 'audit-from', coalesce(max(seq), 0)::text FROM version;
