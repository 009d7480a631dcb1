-- Who shares the ledger, and how much of it each may have; NULL is no limit.
CREATE TABLE tenants (
    name                   TEXT             NOT NULL PRIMARY KEY,
    weight                 DOUBLE PRECISION NOT NULL DEFAULT 1,
    max_running            BIGINT,
    max_open_jobs          BIGINT,
    max_tasks_per_job      BIGINT,
    submissions_per_minute BIGINT
);

-- Whose jobs are those that nobody had to name themselves for.
INSERT INTO tenants (name) VALUES ('default');

-- Lists are JSON arrays. The secret is not here, only its hash.
CREATE TABLE api_keys (
    id           TEXT   NOT NULL PRIMARY KEY,
    tenant       TEXT   NOT NULL REFERENCES tenants (name),
    description  TEXT   NOT NULL,
    hash         TEXT   NOT NULL,
    roles        TEXT   NOT NULL,
    sources      TEXT   NOT NULL,
    destinations TEXT   NOT NULL,
    created_at   BIGINT NOT NULL,
    expires_at   BIGINT,
    revoked_at   BIGINT,
    last_used_at BIGINT
);

-- A tenant's jobs by time: their lists, and the submissions of the last minute.
CREATE INDEX jobs_by_tenant ON jobs (tenant, id);
