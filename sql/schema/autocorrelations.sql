-- purpose: result table autocorrelations
-- parameters: none
-- one row is: how a series goes with itself some periods later
create table main.autocorrelations (
    series_id varchar not null,  -- series, whose evidence_sql gives the values
    lag bigint not null,  -- periods
    acf double not null,  -- autocorrelation
    pacf double,  -- partial autocorrelation: what shorter lags do not explain
    bound double not null,  -- 95 of 100 are within plus or minus this where values are unrelated
    is_outside boolean not null  -- whether the autocorrelation is beyond it
);
