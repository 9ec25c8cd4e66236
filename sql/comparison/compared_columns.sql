-- purpose: comparison table compared_columns
-- parameters: none
-- one row is: a column that A and B both have
create table main.compared_columns (
    rank bigint not null,  -- 1 for the column that is furthest apart
    column_name varchar not null,  -- name in A
    name_b varchar not null,  -- name in B
    position_a bigint not null,  -- position in A, from 1
    position_b bigint not null,  -- position in B, from 1
    type_a varchar not null,  -- type in A
    type_b varchar not null,  -- type in B
    kind varchar not null,  -- number, moment, category or other
    verdict varchar,  -- none, small or large drift; null where drift is not judged
    score double,  -- greatest measure in units of its threshold: 1 is small, 2 is large
    leading_measure varchar,  -- the measure that gives the score
    statement varchar not null,  -- what differs, in words
    n_values_a bigint not null,  -- values of A, without null and NaN
    n_values_b bigint not null,  -- values of B, without null and NaN
    n_missing_a bigint not null,  -- nulls and NaN of A
    n_missing_b bigint not null,  -- nulls and NaN of B
    min_a varchar,  -- smallest value of A
    min_b varchar,  -- smallest value of B
    max_a varchar,  -- largest value of A
    max_b varchar,  -- largest value of B
    n_new_values bigint,  -- distinct values that only B has, for categories
    n_lost_values bigint,  -- distinct values that only A has, for categories
    new_values varchar[] not null,  -- the most frequent of the new ones
    lost_values varchar[] not null,  -- the most frequent of the lost ones
    n_changed bigint,  -- rows with the same key and another value in this column
    reason varchar,  -- why drift is not judged
    evidence_sql varchar not null  -- query that gives the counts and ranges again
);
