-- purpose: result table personal_data
-- parameters: none
-- one row is: a column that may tell who somebody is
create table main.personal_data (
    column_name varchar not null,  -- name in clean.data
    kind varchar not null,  -- what it holds: email, phone, name, address, birth_date ...
    basis varchar not null,  -- what says so: values, name, or both
    confidence double not null,  -- how sure that is (0-1)
    n_rows bigint not null,  -- values that were looked at
    is_sampled boolean not null,  -- whether only values with certain hashes were looked at
    n_found bigint,  -- values that hold it; null where only the name says so
    fraction double,  -- share of the values looked at (0-1)
    reason varchar not null,  -- why it is listed
    evidence_sql varchar not null  -- query that counts them again
);
