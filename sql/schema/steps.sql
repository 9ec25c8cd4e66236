-- purpose: result table steps
-- parameters: none
-- one row is: a transform that was applied
create table main.steps (
    position bigint not null,  -- order, from 1
    transform varchar not null,  -- name of the transform plug-in
    columns varchar[] not null,  -- columns it changed or made
    reason varchar not null,  -- why, one sentence
    sql varchar not null,  -- select that makes the step's output from a table input
    n_rows_before bigint not null,  -- rows before
    n_rows_after bigint not null,  -- rows after
    n_changed bigint,  -- values or rows changed
    is_reversible boolean not null  -- whether the original is kept beside it
);
