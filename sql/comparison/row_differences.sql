-- purpose: comparison table row_differences
-- parameters: none
-- one row is: a row that differs, out of a sample of each kind in the order of keys
create table main.row_differences (
    kind varchar not null,  -- only_a, only_b, changed or duplicated_key
    sample bigint not null,  -- position in the sample, from 1
    "key" varchar,  -- values of the key as JSON; null without a key
    columns varchar[] not null,  -- columns that changed
    row_a varchar,  -- values in A as JSON of texts; of changed rows the changed ones
    row_b varchar,  -- values in B as JSON of texts; of changed rows the changed ones
    n_a bigint not null,  -- such rows in A
    n_b bigint not null  -- such rows in B
);
