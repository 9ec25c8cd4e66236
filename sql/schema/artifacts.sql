-- purpose: result table artifacts
-- parameters: none
-- one row is: a file that was written
create table main.artifacts (
    name varchar not null,  -- file name in the run's folder
    kind varchar not null,  -- dashboard, report, summary or export
    n_bytes bigint not null,  -- size in bytes
    sha256 varchar not null,  -- SHA-256 of the content
    written_at timestamptz  -- when, UTC
);
