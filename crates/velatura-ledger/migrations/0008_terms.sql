-- Under which terms a job gets places of the window.
ALTER TABLE jobs ADD COLUMN share DOUBLE PRECISION NOT NULL DEFAULT 1;
ALTER TABLE jobs ADD COLUMN priority BIGINT NOT NULL DEFAULT 0;
ALTER TABLE jobs ADD COLUMN max_running BIGINT;
ALTER TABLE jobs ADD COLUMN interactive BIGINT NOT NULL DEFAULT 0;

-- Rises whenever what was submitted is replaced.
ALTER TABLE jobs ADD COLUMN revision BIGINT NOT NULL DEFAULT 0;
-- How many tasks had ended, and failed, when somebody last looked at the failures and went on.
ALTER TABLE jobs ADD COLUMN forgiven_ended BIGINT NOT NULL DEFAULT 0;
ALTER TABLE jobs ADD COLUMN forgiven_failed BIGINT NOT NULL DEFAULT 0;
-- Which ended tasks are to be taken up again, as JSON, and from which number on; NULL once all of them are.
ALTER TABLE jobs ADD COLUMN reopening TEXT;
ALTER TABLE jobs ADD COLUMN reopen_from BIGINT NOT NULL DEFAULT 0;

CREATE INDEX jobs_reopening ON jobs (number) WHERE reopening IS NOT NULL;

-- What went wrong, by code: tasks that have failed, and attempts that were followed by another.
CREATE TABLE errors (
    job     BIGINT NOT NULL,
    code    TEXT   NOT NULL,
    failed  BIGINT NOT NULL,
    retried BIGINT NOT NULL,
    PRIMARY KEY (job, code)
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
