-- purpose: result table series
-- parameters: none
-- one row is: the rows or a measure by period of time, and its statistics
create table main.series (
    series_id varchar not null,  -- identifier
    time_column varchar not null,  -- column of times
    measure varchar,  -- column that is aggregated; null for the number of rows
    aggregate varchar not null,  -- count, sum or mean
    granularity varchar not null,  -- length of a period (UTC)
    first_period varchar not null,  -- start of the first whole period
    last_period varchar not null,  -- start of the last whole period
    n_periods bigint not null,  -- whole periods, of which the statistics are
    n_filled bigint not null,  -- periods without a value, filled in on a line between neighbours
    n_partial bigint not null,  -- periods left out because the data begins or ends within them
    mean double,  -- mean of the values by period
    sd double,  -- their sample standard deviation
    adf_statistic double,  -- augmented Dickey-Fuller test around a level; small p: no unit root
    adf_p_value double,  -- p value
    adf_lags bigint,  -- lags, by AIC
    kpss_statistic double,  -- KPSS test around a level; small p: not stationary
    kpss_p_value double,  -- p value, 0.01 to 0.1
    kpss_lags bigint,  -- lags
    adf_trend_statistic double,  -- augmented Dickey-Fuller test around a line
    adf_trend_p_value double,  -- p value
    kpss_trend_statistic double,  -- KPSS test around a line
    kpss_trend_p_value double,  -- p value, 0.01 to 0.1
    verdict varchar,  -- stationary, trend-stationary, unit root or inconclusive, at 5 %
    lag_1 double,  -- autocorrelation of neighbouring periods
    ljung_box_statistic double,  -- Ljung-Box test of autocorrelation
    ljung_box_lags bigint,  -- lags, all together
    ljung_box_p_value double,  -- p value
    cycle varchar,  -- cycle of the decomposition: hour, day, week, year, or cycle
    cycle_length bigint,  -- periods in it
    cycle_autocorrelation double,  -- autocorrelation at that lag, a moving average taken off
    trend_strength double,  -- 0 to 1, by STL (Hyndman and Athanasopoulos)
    seasonal_strength double,  -- 0 to 1, by STL
    peak varchar,  -- highest place of the cycle, where the autocorrelation is no chance
    valley varchar,  -- lowest place of the cycle
    n_changes bigint,  -- change points of the level
    n_spread_changes bigint,  -- change points of the spread
    reason varchar,  -- why figures are missing
    evidence_sql varchar not null  -- query that gives the values by period
);
