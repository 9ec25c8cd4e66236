-- purpose: result table missing_predictors
-- parameters: none
-- one row is: a column that may tell where another one is missing
create table main.missing_predictors (
    column_name varchar not null,  -- column with missing values
    predictor varchar not null,  -- column that may tell
    effect_name varchar not null,  -- hedges_g for measures and dates, cramers_v for dimensions
    effect double,  -- strength; hedges_g is positive when the predictor is greater where missing
    low double,  -- end of the 95 % interval
    high double,  -- end of the 95 % interval
    when_missing double,  -- mean of the predictor where the column is missing
    when_present double,  -- mean of the predictor where the column has a value
    test varchar,  -- name of the test
    statistic double,  -- its statistic
    df double,  -- its degrees of freedom
    p_value double,  -- p value
    q_value double,  -- adjusted by Benjamini and Hochberg
    n_tests bigint not null,  -- tests of the family
    n_rows bigint not null,  -- rows compared
    reason varchar,  -- why figures are missing
    evidence_sql varchar not null  -- query of the groups that are compared
);
