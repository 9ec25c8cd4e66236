-- purpose: result table regression_fits
-- parameters: none
-- one row is: a regression as a whole
create table main.regression_fits (
    regression_id varchar not null,  -- identifier
    target varchar not null,  -- column that is explained
    event varchar,  -- value of the target that counts as 1, of a logistic one
    family varchar not null,  -- gaussian (least squares) or binomial (logistic)
    terms varchar[] not null,  -- terms asked for, those left out included
    has_intercept boolean not null,  -- whether there is an intercept
    covariance varchar not null,  -- classic, HC0, HC1, HC2 or HC3
    method varchar not null,  -- arithmetic: exact, or triangles merged block by block
    digits double,  -- correct digits to expect by the condition number, at most 15
    n_rows bigint not null,  -- rows with all values
    n_left_out bigint not null,  -- rows left out for a missing or infinite value
    n_steps bigint not null,  -- passes over the rows
    df_model bigint not null,  -- terms kept, less the intercept
    df_residual bigint not null,  -- rows less terms kept
    r_squared double,  -- share explained (0-1); McFadden's of a logistic one
    adjusted_r_squared double,  -- the same, less what terms explain by chance
    statistic double,  -- F of all terms; likelihood ratio chi-square of a logistic one
    p_value double,  -- its p value
    residual_sd double,  -- standard deviation of the residuals
    residual_ss double,  -- their sum of squares
    log_likelihood double,  -- log likelihood
    null_log_likelihood double,  -- that of the intercept alone
    aic double,  -- Akaike's criterion
    bic double,  -- Schwarz's criterion
    condition double,  -- condition number of the centred terms, each of length 1
    reason varchar,  -- why figures are missing
    evidence_sql varchar not null  -- query that gives means and covariances of the terms
);
