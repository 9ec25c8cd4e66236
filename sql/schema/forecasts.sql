-- purpose: result table forecasts
-- parameters: none
-- one row is: a forecast point
create table main.forecasts (
    series varchar not null,  -- name of the series
    ts timestamptz not null,  -- time
    horizon bigint not null,  -- steps ahead, from 1
    value double not null,  -- forecast
    low double,  -- lower end of the interval
    high double,  -- upper end of the interval
    level double not null,  -- nominal coverage (0-1)
    method varchar not null,  -- name of the method
    is_chosen boolean not null  -- whether it is the series' own method, not the baseline beside it
);
