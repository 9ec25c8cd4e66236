-- purpose: result table text_patterns
-- parameters: none
-- one row is: a way in which texts of a column are written
create table main.text_patterns (
    column_name varchar not null,  -- name in clean.data
    rank bigint not null,  -- 1 is the most frequent; ties by pattern
    pattern varchar not null,  -- A stands for capitals, a for other letters, 9 for digits; the rest as it is
    is_collapsed boolean not null,  -- whether A+, a+ and 9+ stand for runs of two or more
    n_rows bigint not null,  -- texts so written, among n_values
    fraction double not null,  -- share of n_values (0-1)
    n_values bigint not null,  -- texts that were looked at
    is_sampled boolean not null,  -- whether only texts with certain hashes were looked at
    example varchar not null,  -- the least text so written, cut after 200 characters
    profile_sql varchar not null  -- query that gives the patterns again
);
