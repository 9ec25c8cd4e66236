-- purpose: result table time_gaps
-- parameters: none
-- one row is: a gap of periods without a row between two times
create table main.time_gaps (
    column_name varchar not null,  -- column of times
    rank bigint not null,  -- order, longest first, from 1; at most 20
    gap_start varchar not null,  -- last time (or period) before it, UTC
    gap_end varchar not null,  -- first time (or period) after it, UTC
    unit varchar not null,  -- what is missing: the step, or the period where times have none
    n_missing bigint not null,  -- how many are missing
    seconds double not null,  -- seconds from gap_start to gap_end
    evidence_sql varchar not null  -- query that gives the gap again
);
