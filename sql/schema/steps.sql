-- purpose: result table steps
-- parameters: none
-- one row is: a transform that was applied, or one that is proposed
create table main.steps (
    position bigint not null,  -- order, from 1; what was applied comes first
    transform varchar not null,  -- name of the transform plug-in
    columns varchar[] not null,  -- columns it changes or makes
    reason varchar not null,  -- why, one sentence
    sql varchar not null,  -- select that makes the step's output from a table input; a proposed one takes clean.data
    n_rows_before bigint not null,  -- rows before
    n_rows_after bigint not null,  -- rows after
    n_changed bigint,  -- values or rows changed
    is_reversible boolean not null,  -- whether raw.data keeps the original, in the rows that clean.rows names
    status varchar not null,  -- applied or proposed
    setting varchar,  -- what --transform asks for it; null for what needs no asking
    evidence json  -- what was found: counts, groups, limits, new names
);
