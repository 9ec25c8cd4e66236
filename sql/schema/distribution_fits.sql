-- purpose: result table distribution_fits
-- parameters: none
-- one row is: a family of distributions fitted to a column
create table main.distribution_fits (
    column_name varchar not null,  -- name in clean.data
    rank bigint,  -- 1 is the closest by ks; null where it is no candidate
    family varchar not null,  -- normal, lognormal, exponential, gamma, uniform, poisson or bimodal (two normals)
    is_best boolean not null,  -- whether it is the closest
    n_rows bigint not null,  -- finite values that were looked at
    is_sampled boolean not null,  -- whether only rows with certain hashes were looked at
    parameters varchar,  -- parameters as JSON, by maximum likelihood
    ks double,  -- Kolmogorov-Smirnov distance (0-1) at the edges of the bins: at least this
    ks_high double,  -- the distance between the edges is at most this
    aic double,  -- Akaike's information criterion; lower is better
    test varchar,  -- name of the test
    statistic double,  -- its statistic
    df bigint,  -- its degrees of freedom
    p_value double,  -- probability of a statistic so great if the family is right
    verdict varchar not null,  -- in words
    reason varchar,  -- why figures are missing
    evidence_sql varchar not null  -- query that counts the bins the test compares
);
