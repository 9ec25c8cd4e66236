-- purpose: result table residual_checks
-- parameters: none
-- one row is: a check of the errors of the best regression on held-out rows
create table main.residual_checks (
    model_id varchar not null,  -- the model
    check_name varchar not null,  -- bias, spread, skewness, tails, normality or lag
    value double not null,  -- what is looked at
    test varchar,  -- name of the test
    statistic double,  -- its statistic
    p_value double,  -- p value
    n_rows bigint not null,  -- held-out rows
    verdict varchar not null  -- what it means
);
