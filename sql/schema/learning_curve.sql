-- purpose: result table learning_curve
-- parameters: none
-- one row is: a step of the search on some of the rows
create table main.learning_curve (
    position bigint not null,  -- step from 1
    n_rows bigint not null,  -- rows fitted on
    loss double not null  -- least mean loss on rows left out: squared error, pinball or log loss
);
