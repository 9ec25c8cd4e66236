-- purpose: result table forecast_series
-- parameters: none
-- one row is: a series that was forecast, or the reason why not
create table main.forecast_series (
    series varchar not null,  -- name of the series: its values of the columns that tell series apart, or the target
    target varchar not null,  -- column that is forecast
    time_column varchar not null,  -- column of times
    frequency varchar not null,  -- step, such as month
    aggregate varchar not null,  -- how rows of a period are taken together: sum, mean or last
    first_ts timestamptz,  -- first period with a value
    last_ts timestamptz,  -- last period with a value
    n_rows bigint not null,  -- rows that were taken together
    n_periods bigint not null,  -- periods from the first to the last
    n_missing bigint not null,  -- periods without a value, filled in on a line with the season
    seasonalities varchar[] not null,  -- lengths of seasons in steps
    method varchar,  -- method that was chosen; null when there is no forecast
    detail varchar,  -- form that the method chose, such as MAdM
    mase double,  -- its mean absolute scaled error at earlier origins
    baseline_mase double,  -- that of the seasonal naive forecast
    coverage double,  -- share (0-1) of values inside intervals at origins left out of their making
    n_origins bigint not null,  -- origins that were tested
    reason varchar,  -- what to mind, or why there is no forecast
    evidence_sql varchar not null  -- query that gives the history again: ts, value, n_rows
);
