-- purpose: comparison table comparison
-- parameters: none
-- one row is: the comparison: what was compared, how, and how much differs
create table main.comparison (
    source_a varchar not null,  -- what A is, as it was named
    source_b varchar not null,  -- what B is, as it was named
    n_rows_a bigint not null,  -- rows of A
    n_rows_b bigint not null,  -- rows of B
    n_columns_a bigint not null,  -- columns of A
    n_columns_b bigint not null,  -- columns of B
    "key" varchar[] not null,  -- columns that rows were matched by; empty without a key
    key_origin varchar not null,  -- given, proposed (unique in both) or none
    tolerance varchar,  -- how far numbers may be apart and still be equal
    n_only_a bigint,  -- rows of A that B has not
    n_only_b bigint,  -- rows of B that A has not
    n_changed bigint,  -- rows with the same key and another value; null without a key
    n_unchanged bigint,  -- rows that are the same in both
    n_duplicated_a bigint not null,  -- rows of A whose key occurs more than once in A or B; not matched
    n_duplicated_b bigint not null,  -- rows of B whose key occurs more than once in A or B; not matched
    rows_reason varchar,  -- why rows were not compared, or not by a key
    n_schema_differences bigint not null,  -- rows of schema_differences
    n_drifted bigint not null,  -- columns with small or large drift
    n_large bigint not null,  -- columns with large drift
    threshold double not null,  -- measure from which drift is small; twice it is large
    alpha double not null,  -- greatest q value of drift
    n_tests bigint not null,  -- tests that q values are adjusted for
    correction varchar not null,  -- benjamini-hochberg
    notes varchar[] not null,  -- what else to know, such as how one source was split
    summary varchar not null,  -- the outcome in one line
    evidence_sql varchar not null  -- query that counts the rows again
);
