-- purpose: result table forecast_scores
-- parameters: none
-- one row is: an error of a forecasting method at earlier origins
create table main.forecast_scores (
    series varchar not null,  -- name of the series
    method varchar not null,  -- name of the method
    metric varchar not null,  -- mase, smape (0-200), rmse, bias (forecast less value) or coverage (0-1)
    origin timestamptz,  -- first period that was forecast; null over all origins
    horizon bigint,  -- steps ahead; null over all steps
    value double not null,  -- the figure
    n bigint not null  -- forecasts that it is of
);
