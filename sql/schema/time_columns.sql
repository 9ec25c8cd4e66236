-- purpose: result table time_columns
-- parameters: none
-- one row is: a column of times and how they follow each other
create table main.time_columns (
    column_name varchar not null,  -- name in clean.data
    n_rows bigint not null,  -- rows in all
    n_dated bigint not null,  -- rows with a time (infinite ones and years beyond 9998 are none)
    n_backward bigint not null,  -- rows with a time before that of the row before
    is_sorted boolean not null,  -- no row is before the one before it
    first_time varchar,  -- earliest time, UTC
    last_time varchar,  -- latest time, UTC
    n_times bigint,  -- distinct times
    n_repeated bigint,  -- rows beyond the first of their time
    step varchar,  -- what one time is from the next: day, business day, 10 minutes, month ...
    regularity double,  -- share (0-1) of steps between neighbouring times that are exactly that
    n_missing bigint,  -- times that are missing between the first and the last
    entity_column varchar,  -- column within whose values no time occurs twice, where times repeat
    entity_regularity double,  -- share (0-1) of steps that are exactly one, within its values
    granularity varchar,  -- period that series are aggregated by
    n_periods bigint,  -- such periods from the first time to the last
    reason varchar,  -- why a figure is missing
    evidence_sql varchar not null  -- query that gives n_times, n_repeated, regularity and n_missing again
);
