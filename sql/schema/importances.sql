-- purpose: result table importances
-- parameters: none
-- one row is: the importance of a column for the best model
create table main.importances (
    model_id varchar not null,  -- the model
    feature varchar not null,  -- column
    rank bigint not null,  -- 1 is the most important
    method varchar not null,  -- permutation
    metric varchar not null,  -- metric that falls
    mean double not null,  -- mean loss of the metric when the column is shuffled
    sd double not null,  -- standard deviation over repeats
    low double not null,  -- lowest of the repeats
    high double not null,  -- highest of the repeats
    n_repeats bigint not null  -- repeats
);
