-- purpose: result table missing_pairs
-- parameters: none
-- one row is: two columns with missing values, and whether they miss together
create table main.missing_pairs (
    column_a varchar not null,  -- first column
    column_b varchar not null,  -- second column
    n_a bigint not null,  -- rows without the first
    n_b bigint not null,  -- rows without the second
    n_both bigint not null,  -- rows without both
    n_rows bigint not null,  -- rows of the table
    correlation double,  -- phi coefficient of missingness (-1 to 1)
    share_of_a double not null,  -- rows without the second among those without the first
    share_of_b double not null,  -- rows without the first among those without the second
    relation varchar not null,  -- same, implies, implied, exclusive or none
    statistic double,  -- chi-square of missing by missing
    p_value double,  -- p value of the chi-square test
    q_value double,  -- adjusted by Benjamini and Hochberg
    n_tests bigint not null,  -- pairs that were tested
    evidence_sql varchar not null  -- query that counts the rows
);
