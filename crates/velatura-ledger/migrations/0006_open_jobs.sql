-- How many jobs of a tenant have not ended, however many have.
CREATE INDEX jobs_open ON jobs (tenant) WHERE ended_at IS NULL;
