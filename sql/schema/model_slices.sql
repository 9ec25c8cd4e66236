-- purpose: result table model_slices
-- parameters: none
-- one row is: rows for which the best model does worse than for the others
create table main.model_slices (
    model_id varchar not null,  -- the model
    rank bigint not null,  -- 1 is the worst
    columns varchar[] not null,  -- columns of the condition
    description varchar not null,  -- condition in words
    condition_sql varchar not null,  -- condition on rows of clean.data
    n_rows bigint not null,  -- rows that were predicted unseen
    share double not null,  -- their share of all such rows
    metric varchar not null,  -- absolute_error or log_loss
    loss double not null,  -- mean loss of these rows
    loss_rest double not null,  -- mean loss of the other rows
    difference double not null,  -- loss less loss_rest
    low double not null,  -- lower end of the 95 % interval of the difference
    high double not null,  -- upper end of the 95 % interval of the difference
    p_value double not null,  -- Welch t test
    q_value double not null,  -- adjusted by Benjamini and Hochberg
    n_tests bigint not null,  -- conditions that were looked at
    is_significant boolean not null  -- q value of 0.05 or less
);
