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
