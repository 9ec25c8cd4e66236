-- purpose: result table date_profiles
-- parameters: none
-- one row is: a column of dates, timestamps or times of day
create table main.date_profiles (
    column_name varchar not null,  -- name in clean.data
    n_values bigint not null,  -- finite values
    granularity varchar,  -- coarsest unit all values are whole in: year, quarter, month, week, day, hour, minute, second, millisecond or microsecond
    first_value varchar,  -- earliest value
    last_value varchar,  -- latest value
    n_days bigint,  -- distinct days
    span_days bigint,  -- days from the first to the last, both counted
    gap_unit varchar,  -- unit of gaps: the granularity, or weekday where no value is on a weekend
    n_gaps bigint,  -- runs of units without a value, between the first and the last
    n_missing bigint,  -- units without a value, between the first and the last
    longest_gap bigint,  -- units in the longest such run
    gap_start varchar,  -- last day before the longest gap
    gap_end varchar,  -- first day after the longest gap
    n_weekend bigint,  -- values on Saturdays and Sundays
    n_sentinel bigint,  -- values on days that often stand for unknown or never
    sentinels varchar[] not null,  -- those days, such as 1900-01-01
    reason varchar,  -- why figures are missing
    profile_sql varchar not null  -- query that gives n_values, n_days, span_days, n_weekend again
);
