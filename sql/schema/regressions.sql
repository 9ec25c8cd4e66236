-- purpose: result table regressions
-- parameters: none
-- one row is: a coefficient of a regression
create table main.regressions (
    regression_id varchar not null,  -- regression of regression_fits
    position bigint not null,  -- order of the term, from 1
    term varchar not null,  -- intercept, column, column^power or column=level
    column_name varchar,  -- column of the term
    power bigint,  -- power of a number
    level varchar,  -- value of a dimension
    reference varchar,  -- value that the level is compared with
    estimate double,  -- coefficient, in units of the columns; log odds of a logistic one
    std_error double,  -- its standard error
    statistic double,  -- t; z of a logistic one
    df double,  -- degrees of freedom of t
    p_value double,  -- p value of a coefficient of zero
    low double,  -- lower end of the 95 % interval
    high double,  -- upper end of the 95 % interval
    vif double,  -- variance inflation factor
    reason varchar  -- why the term was left out, or what is missing
);
