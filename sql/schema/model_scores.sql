-- purpose: result table model_scores
-- parameters: none
-- one row is: a score of a model on a fold or the hold-out
create table main.model_scores (
    model_id varchar not null,  -- the model
    split varchar not null,  -- cv or holdout
    fold bigint not null,  -- fold from 1; 0 for the hold-out
    metric varchar not null,  -- name of the metric
    value double not null,  -- score
    n_rows bigint not null  -- rows scored
);
