-- purpose: result table cube_values
-- parameters: none
-- one row is: a value of a dimension
create table main.cube_values (
    dimension bigint not null,  -- number of the dimension
    code bigint not null,  -- code in the cells
    value varchar not null,  -- the value as text
    kind varchar not null,  -- value, other (all that are not named) or missing
    n_rows bigint not null  -- rows with this value
);
