-- purpose: comparison table drift
-- parameters: none
-- one row is: a measure of how far a column of B is from that of A
create table main.drift (
    column_name varchar not null,  -- name in A
    measure varchar not null,  -- psi, jensen_shannon, ks, chi_square, mean_shift, missing, new_values or out_of_range
    "value" double,  -- the measure; mean_shift in standard deviations, missing as Cohen's h
    value_a double,  -- the figure of A behind it: mean or share
    value_b double,  -- the figure of B behind it
    level varchar,  -- none, small or large for psi, ks and missing; null for the others
    test varchar,  -- name of the test
    statistic double,  -- its statistic
    df double,  -- its degrees of freedom
    p_value double,  -- p value
    q_value double,  -- p value adjusted for all tests of the comparison
    n_a bigint not null,  -- values of A that it looks at
    n_b bigint not null,  -- values of B that it looks at
    reason varchar,  -- why the measure is missing
    evidence_sql varchar not null  -- query that gives the measure again
);
