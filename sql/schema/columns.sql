-- purpose: result table columns
-- parameters: none
-- one row is: a column of the data as analyzed
create table main.columns (
    column_name varchar not null,  -- name in clean.data
    position bigint not null,  -- order, from 1
    source_name varchar not null,  -- name in the source
    data_type varchar not null,  -- type in the database
    family varchar not null,  -- integer, decimal, float, text, boolean, date, timestamp, time, nested, binary or other
    semantic_type varchar not null,  -- what it means: number, category, text, identifier, date, boolean, email ...
    role varchar not null,  -- target, time, measure, dimension, identifier, text, constant or ignored
    n_rows bigint not null,  -- rows in all
    n_null bigint not null,  -- rows without a value (NaN not included)
    n_nan bigint not null,  -- NaN values, treated as missing
    n_infinite bigint not null,  -- infinite values, left out of moments
    n_empty bigint not null,  -- empty or blank texts
    n_zero bigint not null,  -- zeros
    n_negative bigint not null,  -- values below zero
    n_distinct bigint not null,  -- distinct values, nulls not counted
    distinct_exact boolean not null,  -- whether n_distinct is exact
    distinct_error double,  -- relative error of n_distinct when not exact (95 of 100)
    min_value varchar,  -- smallest value as text
    max_value varchar,  -- largest value as text
    min_number double,  -- smallest finite number (epoch seconds for dates)
    max_number double,  -- largest finite number (epoch seconds for dates)
    total double,  -- sum
    mean double,  -- arithmetic mean
    sd double,  -- sample standard deviation
    skewness double,  -- sample skewness G1
    kurtosis double,  -- sample excess kurtosis G2
    q01 double,  -- quantile 0.01
    q05 double,  -- quantile 0.05
    q25 double,  -- quantile 0.25
    q50 double,  -- median
    q75 double,  -- quantile 0.75
    q95 double,  -- quantile 0.95
    q99 double,  -- quantile 0.99
    quantiles_exact boolean not null,  -- whether quantiles are exact (continuous definition)
    length_min bigint,  -- shortest text in characters
    length_mean double,  -- mean length of text in characters
    length_max bigint,  -- longest text in characters
    is_unique boolean not null,  -- every row has a value and no two are equal
    is_constant boolean not null,  -- at most one distinct value
    reason varchar,  -- why a figure is missing
    profile_sql varchar not null,  -- query that gives n_rows, n_null, n_distinct, min, max, mean, sd again
    mad double,  -- median of the distances from the median (not multiplied by 1.4826)
    mode_value varchar,  -- most frequent value, the smallest of several; missing where none repeats
    n_mode bigint,  -- rows that have it
    entropy double  -- Shannon entropy of the values in bits; missing where values were not counted
);
