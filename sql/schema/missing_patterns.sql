-- purpose: result table missing_patterns
-- parameters: none
-- one row is: columns that are missing in the same rows, and no others
create table main.missing_patterns (
    rank bigint not null,  -- order by rows, from 1
    columns varchar[] not null,  -- columns without a value; none for complete rows
    n_columns bigint not null,  -- how many
    n_rows bigint not null,  -- rows of the pattern
    share double not null,  -- share of all rows (0-1)
    evidence_sql varchar not null  -- query that counts the rows
);
