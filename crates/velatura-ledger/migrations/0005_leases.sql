-- Who leads: one row a lease. The token rises with every taking over, so that what an earlier holder still tries is known
-- by its number. `until` is by the database's own clock.
CREATE TABLE leases (
    name   TEXT   PRIMARY KEY,
    holder TEXT   NOT NULL,
    token  BIGINT NOT NULL,
    until  BIGINT NOT NULL
);
