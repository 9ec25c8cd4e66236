-- purpose: result table calibration
-- parameters: none
-- one row is: held-out rows of like probability
create table main.calibration (
    model_id varchar not null,  -- the model
    label varchar not null,  -- class
    bin bigint not null,  -- bin from 1, by probability
    n_rows bigint not null,  -- rows
    predicted double not null,  -- mean probability
    observed double not null,  -- share of rows of the class
    low double not null,  -- lower end of the 95 % Wilson interval
    high double not null  -- upper end of the 95 % Wilson interval
);
