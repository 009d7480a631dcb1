-- What a job was submitted with: photos to be painted first, whether it then waits, and for how long after its end its
-- tasks are kept (NULL: as configured).
ALTER TABLE jobs ADD COLUMN samples BIGINT NOT NULL DEFAULT 0;
ALTER TABLE jobs ADD COLUMN approval BIGINT NOT NULL DEFAULT 0;
ALTER TABLE jobs ADD COLUMN gate TEXT NOT NULL DEFAULT 'open';
ALTER TABLE jobs ADD COLUMN retention BIGINT;
-- Below which places its photos may lie, as JSON; NULL: wherever the coordinator may.
ALTER TABLE jobs ADD COLUMN reach TEXT;

-- 1 where some of its tasks have a row in `items`, or took rows of `claims` that are not yet given back.
ALTER TABLE jobs ADD COLUMN itemized BIGINT NOT NULL DEFAULT 0;
ALTER TABLE jobs ADD COLUMN claiming BIGINT NOT NULL DEFAULT 0;

-- The end that is reported, by its time: a job that goes on and ends again is reported again.
ALTER TABLE jobs ADD COLUMN reported BIGINT;
ALTER TABLE jobs ADD COLUMN report_error TEXT NOT NULL DEFAULT '';
-- Since when its tasks are being purged, and 1 when none is left.
ALTER TABLE jobs ADD COLUMN purged_at BIGINT;
ALTER TABLE jobs ADD COLUMN purged BIGINT NOT NULL DEFAULT 0;

CREATE INDEX jobs_sampling ON jobs (number) WHERE gate = 'sampling';
CREATE INDEX jobs_claiming ON jobs (number) WHERE claiming = 1;
CREATE INDEX jobs_unreported ON jobs (number) WHERE ended_at IS NOT NULL AND (reported IS NULL OR reported <> ended_at);
CREATE INDEX jobs_unpurged ON jobs (ended_at) WHERE ended_at IS NOT NULL AND purged = 0;

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
