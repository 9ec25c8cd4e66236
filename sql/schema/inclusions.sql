-- purpose: result table inclusions
-- parameters: none
-- one row is: a column whose values are all, or nearly all, among those of another
create table main.inclusions (
    inclusion_id varchar not null,  -- identifier
    table_a varchar not null,  -- table of the first column
    column_a varchar not null,  -- column whose values are among the others
    table_b varchar not null,  -- table of the second column
    column_b varchar not null,  -- column that holds them
    score double not null,  -- how much it looks like a foreign key (0-1)
    is_key boolean not null,  -- the second column is a key or nearly one
    name_similarity double not null,  -- how alike the names are (0-1)
    coverage double not null,  -- values of the second column that the first one has (0-1)
    n_values bigint not null,  -- different values of the first column
    n_rows bigint not null,  -- rows with a value of the first column
    n_values_outside bigint not null,  -- its different values that the second one lacks
    n_violations bigint not null,  -- rows with such a value
    share double not null,  -- rows with such a value (0-1)
    fix_hint varchar,  -- the most frequent values outside
    violations_sql varchar not null,  -- query of the rows with a value outside
    evidence_sql varchar not null  -- query that counts them
);
