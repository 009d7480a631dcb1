-- Every index on a state costs a write with each of a task's moves, so there is one only where few tasks are.
-- Tasks that were never dispatched need none: they are those from the job's `fresh` on, in the order of their numbers, and
-- have `at` = -1. What is pending again, or first in line, has its time in `at` and is found by `tasks_waiting`.
DROP INDEX tasks_by_state;
DROP INDEX tasks_due;
DROP INDEX tasks_under_way;

CREATE INDEX tasks_waiting ON tasks (job, at, seq) WHERE state = 'pending' AND at >= 0;
CREATE INDEX tasks_dispatched ON tasks (job, seq) WHERE state = 'dispatched';
CREATE INDEX tasks_skipped ON tasks (job, seq) WHERE state = 'skipped';
CREATE INDEX tasks_failed ON tasks (job, seq) WHERE state = 'failed';

-- No task below it is pending with `at` = -1.
ALTER TABLE jobs ADD COLUMN fresh BIGINT NOT NULL DEFAULT 0;
