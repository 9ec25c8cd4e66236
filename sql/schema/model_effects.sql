-- purpose: result table model_effects
-- parameters: none
-- one row is: what the best model says at a value of a column
create table main.model_effects (
    model_id varchar not null,  -- the model
    feature varchar not null,  -- column
    method varchar not null,  -- pdp: partial dependence; ale: accumulated local effects
    position bigint not null,  -- order of the values, from 1
    label varchar,  -- class whose probability it is
    x double,  -- value of a number
    level varchar,  -- value of a category
    value double not null,  -- mean prediction (pdp), or difference from the mean (ale)
    low double,  -- lower end of the 95 % interval of the mean over rows
    high double,  -- upper end of the 95 % interval of the mean over rows
    n_rows bigint not null  -- held-out rows
);
