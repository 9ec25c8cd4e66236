-- purpose: result table associations
-- parameters: none
-- one row is: a measure of relation between two columns
create table main.associations (
    association_id varchar not null,  -- identifier
    column_a varchar not null,  -- first column
    column_b varchar not null,  -- second column; the target where there is one
    is_target boolean not null,  -- whether column_b is the target
    measure varchar not null,  -- name of the measure: pearson, spearman, cramers_v, correlation_ratio ...
    value double,  -- the measure
    direction varchar,  -- up or down, for signed measures
    low double,  -- lower end of the 95 % interval
    high double,  -- upper end of the 95 % interval
    test varchar,  -- name of the test
    statistic double,  -- test statistic
    p_value double,  -- p value
    q_value double,  -- p value adjusted for n_tests
    n_tests bigint not null,  -- tests in the family
    correction varchar not null,  -- holm or benjamini-hochberg
    n_rows bigint not null,  -- rows with both values
    reason varchar,  -- why the measure is missing
    evidence_sql varchar not null,  -- query that gives the measure or its sufficient statistics
    normalized double,  -- a measure without a greatest value as a share of it (0-1)
    method varchar  -- how it was computed, where there is a choice: bins, a sample
);
