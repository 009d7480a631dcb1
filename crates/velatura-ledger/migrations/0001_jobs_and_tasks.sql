-- {identity} and {task_storage} are filled in by src/sql/dialect.rs; everything else is the same text for both databases.

CREATE TABLE jobs (
    number          {identity},
    id              TEXT   NOT NULL UNIQUE,
    tenant          TEXT   NOT NULL,
    idempotency_key TEXT,
    request_hash    TEXT   NOT NULL,
    request         TEXT   NOT NULL,
    state           TEXT   NOT NULL,
    reason          TEXT   NOT NULL,
    pending         BIGINT NOT NULL DEFAULT 0,
    dispatched      BIGINT NOT NULL DEFAULT 0,
    done            BIGINT NOT NULL DEFAULT 0,
    skipped         BIGINT NOT NULL DEFAULT 0,
    failed          BIGINT NOT NULL DEFAULT 0,
    cancelled       BIGINT NOT NULL DEFAULT 0,
    cursor          TEXT,
    expanded        BIGINT NOT NULL DEFAULT 0,
    -- 1 while tasks outlive their cancelled or failed job
    unsettled       BIGINT NOT NULL DEFAULT 0,
    created_at      BIGINT NOT NULL,
    ended_at        BIGINT,
    UNIQUE (tenant, idempotency_key)
);

CREATE INDEX jobs_by_state ON jobs (state, id);
CREATE INDEX jobs_unsettled ON jobs (number) WHERE unsettled = 1;

-- Ten million rows a job: the job's number instead of its id, and no foreign key, since tasks are written only under
-- their job's lock.
CREATE TABLE tasks (
    job     BIGINT NOT NULL,
    seq     BIGINT NOT NULL,
    state   TEXT   NOT NULL,
    source  TEXT   NOT NULL,
    key     TEXT   NOT NULL,
    attempt BIGINT NOT NULL,
    -- pending: when it is due; dispatched: since when; ended: when that was
    at      BIGINT NOT NULL,
    code    TEXT   NOT NULL,
    message TEXT   NOT NULL,
    PRIMARY KEY (job, seq)
) {task_storage};

CREATE INDEX tasks_by_state ON tasks (job, state, seq);
CREATE INDEX tasks_due ON tasks (job, at, seq) WHERE state = 'pending';
CREATE INDEX tasks_under_way ON tasks (at) WHERE state = 'dispatched';
