-- purpose: result table model_interactions
-- parameters: none
-- one row is: a pair of columns that the best model may use together
create table main.model_interactions (
    model_id varchar not null,  -- the model
    feature_a varchar not null,  -- column
    feature_b varchar not null,  -- other column
    rank bigint not null,  -- 1 is the strongest
    h double not null,  -- statistic of Friedman and Popescu, from 0 to 1
    n_rows bigint not null  -- held-out rows that were drawn from
);
