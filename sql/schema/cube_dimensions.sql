-- purpose: result table cube_dimensions
-- parameters: none
-- one row is: a column that the page can be filtered by
create table main.cube_dimensions (
    dimension bigint not null,  -- number of the dimension: its codes are in column d1 to d5 of cube_cells
    column_name varchar not null,  -- column of the data
    label varchar not null,  -- title
    is_target boolean not null,  -- whether it is the target
    n_values bigint not null,  -- number of values
    value_sql varchar not null  -- expression on clean.data that gives the value
);
