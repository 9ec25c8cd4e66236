-- purpose: result table predictions
-- parameters: none
-- one row is: a prediction for a row that the model had not seen
create table main.predictions (
    model_id varchar not null,  -- the model
    row_number bigint not null,  -- row in clean.data order, from 1
    split varchar not null,  -- cv or holdout
    actual_number double,  -- actual value (regression)
    predicted_number double,  -- predicted value (regression)
    low double,  -- lower end of the 90 % interval
    high double,  -- upper end of the 90 % interval
    actual_label varchar,  -- actual class
    predicted_label varchar,  -- predicted class
    probability double  -- probability of the predicted class
);
