-- purpose: result table group_tests
-- parameters: none
-- one row is: a test, or the size of a difference, between groups of rows
create table main.group_tests (
    test_id varchar not null,  -- identifier
    value_column varchar not null,  -- column whose values are compared
    by_column varchar not null,  -- column whose values make the groups
    is_target boolean not null,  -- whether one of them is the target
    kind varchar not null,  -- test, effect or spread (sums of squares)
    name varchar not null,  -- Welch t test, cohens_d, ss_between ...
    event varchar,  -- value whose share is compared, of a value of two
    group_a varchar,  -- first group, where two are compared
    group_b varchar,  -- second group
    statistic double,  -- test statistic
    df double,  -- degrees of freedom
    df_residual double,  -- second ones of an F test
    p_value double,  -- p value
    q_value double,  -- p value adjusted for n_tests
    n_tests bigint not null,  -- tests in the family: those of the same name
    correction varchar not null,  -- benjamini-hochberg
    value double,  -- the effect, or the sum of squares
    low double,  -- lower end of the 95 % interval
    high double,  -- upper end of the 95 % interval
    method varchar,  -- how the interval is made
    n_groups bigint not null,  -- groups with rows
    n_rows bigint not null,  -- rows with both values
    reason varchar,  -- why figures are missing
    evidence_sql varchar not null  -- query that gives the groups, ranks or counts tested
);
