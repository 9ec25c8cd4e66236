-- purpose: result table nested_profiles
-- parameters: none
-- one row is: a list, struct or map, or a path inside of one
create table main.nested_profiles (
    column_name varchar not null,  -- name in clean.data
    path varchar not null,  -- column.field, column[] for elements of lists, column{key} for values of maps
    kind varchar not null,  -- list, struct, map, or the family of the values
    data_type varchar not null,  -- type in the database
    n_values bigint not null,  -- values that are not null
    n_null bigint not null,  -- nulls among what could hold a value: elements, structs or maps that are there
    n_empty bigint,  -- empty lists, maps or texts
    length_min bigint,  -- fewest elements or characters
    length_mean double,  -- mean number of elements or characters
    length_max bigint,  -- most elements or characters
    min_value varchar,  -- smallest value as text
    max_value varchar,  -- largest value as text
    mean double,  -- mean of finite numbers, share of true
    reason varchar,  -- why figures are missing
    profile_sql varchar not null  -- query that gives the row again
);
