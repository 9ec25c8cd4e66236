-- purpose: result table models
-- parameters: none
-- one row is: a model that was fitted
create table main.models (
    model_id varchar not null,  -- identifier
    position bigint not null,  -- order
    name varchar not null,  -- name for people
    task varchar not null,  -- regression, binary, multiclass or forecast
    target varchar not null,  -- target column
    is_baseline boolean not null,  -- dummy baseline
    is_best boolean not null,  -- chosen by cross-validation
    metric varchar not null,  -- metric of choice: r2, roc_auc, accuracy ...
    cv_mean double,  -- mean of the metric over folds
    cv_sd double,  -- standard deviation over folds
    holdout double,  -- metric on rows no choice has seen
    holdout_low double,  -- lower end of the range for as many new rows, 19 times out of 20
    holdout_high double,  -- upper end of that range
    n_train bigint not null,  -- rows for training and choice
    n_holdout bigint not null,  -- rows held out
    split varchar not null,  -- random, stratified or time
    features varchar[] not null,  -- columns used
    excluded json not null,  -- columns left out, with the reason
    params json not null,  -- class and parameters of the estimator, and its columns
    note varchar not null,  -- one sentence on the result
    fit_ms double  -- milliseconds of fitting
);
