-- Every table of the ledger. {identity} and {task_storage} are filled in by src/sql/dialect.rs; everything else is the same
-- text for both databases. Times are milliseconds since 1970, flags 0 or 1.

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

-- Who leads: one row a lease. The token rises with every taking over, so that what an earlier holder still tries is known
-- by its number. `until` is by the database's own clock.
CREATE TABLE leases (
    name   TEXT   PRIMARY KEY,
    holder TEXT   NOT NULL,
    token  BIGINT NOT NULL,
    until  BIGINT NOT NULL
);

CREATE TABLE jobs (
    number          {identity},
    id              TEXT   NOT NULL UNIQUE,
    tenant          TEXT   NOT NULL,
    idempotency_key TEXT,
    request_hash    TEXT   NOT NULL,
    request         TEXT   NOT NULL,
    -- rises whenever what was submitted is replaced
    revision        BIGINT NOT NULL DEFAULT 0,
    state           TEXT   NOT NULL,
    reason          TEXT   NOT NULL,
    -- of the reason for which it failed; empty otherwise
    code            TEXT   NOT NULL DEFAULT '',
    created_at      BIGINT NOT NULL,
    ended_at        BIGINT,

    -- How many tasks are in which state.
    pending         BIGINT NOT NULL DEFAULT 0,
    dispatched      BIGINT NOT NULL DEFAULT 0,
    done            BIGINT NOT NULL DEFAULT 0,
    skipped         BIGINT NOT NULL DEFAULT 0,
    failed          BIGINT NOT NULL DEFAULT 0,
    cancelled       BIGINT NOT NULL DEFAULT 0,
    -- no task below it is pending with `at` = -1
    fresh           BIGINT NOT NULL DEFAULT 0,
    -- 1 while tasks outlive their cancelled or failed job
    unsettled       BIGINT NOT NULL DEFAULT 0,

    -- How far its photos are listed; below which places they may lie, as JSON (NULL: wherever the coordinator may).
    cursor          TEXT,
    expanded        BIGINT NOT NULL DEFAULT 0,
    reach           TEXT,
    -- 1 where some of its tasks have a row in `items`, or took rows of `claims` that are not yet given back
    itemized        BIGINT NOT NULL DEFAULT 0,
    claiming        BIGINT NOT NULL DEFAULT 0,

    -- Under which terms it gets places of the window.
    share           DOUBLE PRECISION NOT NULL DEFAULT 1,
    priority        BIGINT NOT NULL DEFAULT 0,
    max_running     BIGINT,
    interactive     BIGINT NOT NULL DEFAULT 0,

    -- Photos to be painted first, whether it then waits, and for what.
    samples         BIGINT NOT NULL DEFAULT 0,
    approval        BIGINT NOT NULL DEFAULT 0,
    gate            TEXT   NOT NULL DEFAULT 'open',

    -- How many tasks had ended, and failed, when somebody last looked at the failures and went on.
    forgiven_ended  BIGINT NOT NULL DEFAULT 0,
    forgiven_failed BIGINT NOT NULL DEFAULT 0,
    -- Which ended tasks are to be taken up again, as JSON, and from which number on; NULL once all of them are.
    reopening       TEXT,
    reopen_from     BIGINT NOT NULL DEFAULT 0,

    -- The end that is reported, by its time: a job that goes on and ends again is reported again.
    reported        BIGINT,
    report_error    TEXT   NOT NULL DEFAULT '',
    -- For how long after its end its tasks are kept (NULL: as configured); since when they are purged, 1 when none is left.
    retention       BIGINT,
    purged_at       BIGINT,
    purged          BIGINT NOT NULL DEFAULT 0,

    UNIQUE (tenant, idempotency_key)
);

CREATE INDEX jobs_by_state ON jobs (state, id);
-- A tenant's jobs by time: their lists, and the submissions of the last minute.
CREATE INDEX jobs_by_tenant ON jobs (tenant, id);
-- How many jobs of a tenant have not ended, however many have.
CREATE INDEX jobs_open ON jobs (tenant) WHERE ended_at IS NULL;
-- What the leader looks for again and again, each among few.
CREATE INDEX jobs_unsettled ON jobs (number) WHERE unsettled = 1;
CREATE INDEX jobs_sampling ON jobs (number) WHERE gate = 'sampling';
CREATE INDEX jobs_claiming ON jobs (number) WHERE claiming = 1;
CREATE INDEX jobs_reopening ON jobs (number) WHERE reopening IS NOT NULL;
CREATE INDEX jobs_unreported ON jobs (number) WHERE ended_at IS NOT NULL AND (reported IS NULL OR reported <> ended_at);
CREATE INDEX jobs_unpurged ON jobs (ended_at) WHERE ended_at IS NOT NULL AND purged = 0;

-- Ten million rows a job: the job's number instead of its id, and no foreign key, since tasks are written only under
-- their job's lock.
CREATE TABLE tasks (
    job     BIGINT NOT NULL,
    seq     BIGINT NOT NULL,
    state   TEXT   NOT NULL,
    source  TEXT   NOT NULL,
    key     TEXT   NOT NULL,
    attempt BIGINT NOT NULL,
    -- pending: when it is due, -1 if it was never dispatched; dispatched: since when; ended: when that was
    at      BIGINT NOT NULL,
    code    TEXT   NOT NULL,
    message TEXT   NOT NULL,
    PRIMARY KEY (job, seq)
) {task_storage};

-- Every index on a state costs a write with each of a task's moves, so there is one only where few tasks are. Tasks that were
-- never dispatched need none: they are those from the job's `fresh` on, in the order of their numbers. What is pending again,
-- or first in line, has its time in `at`.
CREATE INDEX tasks_waiting ON tasks (job, at, seq) WHERE state = 'pending' AND at >= 0;
CREATE INDEX tasks_dispatched ON tasks (job, seq) WHERE state = 'dispatched';
CREATE INDEX tasks_skipped ON tasks (job, seq) WHERE state = 'skipped';
CREATE INDEX tasks_failed ON tasks (job, seq) WHERE state = 'failed';

-- What a manifest says of a photo beside where it lies, as JSON; few jobs have any.
CREATE TABLE items (
    job  BIGINT NOT NULL,
    seq  BIGINT NOT NULL,
    item TEXT   NOT NULL,
    PRIMARY KEY (job, seq)
) {task_storage};

-- Output names that are taken, by a hash of 128 bits, while a job whose photos could be given the same one is expanded.
CREATE TABLE claims (
    job BIGINT NOT NULL,
    hi  BIGINT NOT NULL,
    lo  BIGINT NOT NULL,
    seq BIGINT NOT NULL,
    PRIMARY KEY (job, hi, lo)
) {task_storage};

-- What went wrong, by code: tasks that have failed, and attempts that were followed by another.
CREATE TABLE errors (
    job     BIGINT NOT NULL,
    code    TEXT   NOT NULL,
    failed  BIGINT NOT NULL,
    retried BIGINT NOT NULL,
    PRIMARY KEY (job, code)
);

-- Parts of a job's report that are stored, of its end at that time.
CREATE TABLE report_parts (
    job      BIGINT NOT NULL,
    ended_at BIGINT NOT NULL,
    part     BIGINT NOT NULL,
    tasks    BIGINT NOT NULL,
    bytes    BIGINT NOT NULL,
    sha256   TEXT   NOT NULL,
    PRIMARY KEY (job, ended_at, part)
);

-- Messages that the broker gave up, kept for a person.
CREATE TABLE dead_letters (
    id         {identity},
    at         BIGINT NOT NULL,
    kind       TEXT   NOT NULL,
    reason     TEXT   NOT NULL,
    message_id TEXT   NOT NULL,
    job        TEXT,
    seq        BIGINT NOT NULL,
    attempt    BIGINT NOT NULL,
    body       TEXT   NOT NULL,
    bytes      BIGINT NOT NULL
);

CREATE INDEX dead_letters_by_message ON dead_letters (message_id);

-- Who wants to be told. The secret signs, so it has to be kept as it is.
CREATE TABLE webhooks (
    id          TEXT   NOT NULL PRIMARY KEY,
    tenant      TEXT   NOT NULL,
    url         TEXT   NOT NULL,
    secret      TEXT   NOT NULL,
    created_at  BIGINT NOT NULL,
    disabled_at BIGINT,
    -- why the last delivery failed; empty when it did not
    error       TEXT   NOT NULL DEFAULT ''
);

CREATE INDEX webhooks_by_tenant ON webhooks (tenant);

-- What is still to be told, written by the transaction that made it true; a row goes when it is delivered or given up.
CREATE TABLE outbox (
    id      TEXT   NOT NULL PRIMARY KEY,
    webhook TEXT   NOT NULL,
    -- what happened, as JSON
    news    TEXT   NOT NULL,
    attempt BIGINT NOT NULL DEFAULT 0,
    -- when it is tried next; while an attempt is under way, when that is taken for lost
    due_at  BIGINT NOT NULL
);

CREATE INDEX outbox_due ON outbox (due_at);
CREATE INDEX outbox_by_webhook ON outbox (webhook);
