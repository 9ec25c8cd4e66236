-- purpose: result table cube_measures
-- parameters: none
-- one row is: a number that the cells carry as sum and count
create table main.cube_measures (
    measure bigint not null,  -- number of the measure: columns s1, n1 to s5, n5 of cube_cells
    column_name varchar,  -- column of the data
    label varchar not null,  -- title
    how varchar not null,  -- sum, mean or rate
    format varchar not null,  -- amount or percent
    unit varchar,  -- unit, when one was given
    polarity varchar not null,  -- up, down or neutral: which direction is good
    value_sql varchar not null  -- expression on clean.data that gives the value
);
