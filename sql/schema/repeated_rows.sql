-- purpose: result table repeated_rows
-- parameters: none
-- one row is: the rows that equal another in all columns, counted
create table main.repeated_rows (
    n_rows bigint not null,  -- rows of the table
    n_groups bigint not null,  -- different rows that are there more than once
    n_repeated bigint not null,  -- rows that have an equal one
    n_excess bigint not null,  -- rows that repeat an earlier one
    n_largest bigint not null,  -- equal rows of the largest group
    share double not null,  -- rows that repeat an earlier one (0-1)
    violations_sql varchar not null,  -- query of the different rows with their number
    evidence_sql varchar not null  -- query that counts them
);
