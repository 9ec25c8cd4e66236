-- purpose: result table text_profiles
-- parameters: none
-- one row is: a column of texts: lengths, characters and words
create table main.text_profiles (
    column_name varchar not null,  -- name in clean.data
    n_values bigint not null,  -- texts, nulls not counted
    n_empty bigint not null,  -- texts of no character
    n_blank bigint not null,  -- texts of white space only, at least one character
    n_padded bigint not null,  -- texts with white space before or after, blank ones not counted
    n_control bigint not null,  -- texts with control characters (tabs and line breaks are some)
    n_multiline bigint not null,  -- texts with a line feed or carriage return
    n_non_ascii bigint not null,  -- texts with characters beyond ASCII
    n_upper bigint not null,  -- texts with capitals and no small letters
    n_lower bigint not null,  -- texts with small letters and no capitals
    n_with_letters bigint not null,  -- texts with letters of any script
    n_with_digits bigint not null,  -- texts with digits 0-9
    n_with_punctuation bigint not null,  -- texts with punctuation or symbols
    n_digits_only bigint not null,  -- texts of digits 0-9 only
    n_number_like bigint not null,  -- texts written like a number, such as -1.5e3 or 1,234.50
    n_date_like bigint not null,  -- texts written like a date, such as 2024-02-29 or 1.2.2024 09:30
    length_min bigint,  -- shortest length in characters (code points)
    length_mean double,  -- mean length in characters
    length_q50 bigint,  -- median length in characters (discrete)
    length_q95 bigint,  -- quantile 0.95 of the lengths in characters (discrete)
    length_max bigint,  -- longest length in characters
    words_mean double,  -- mean number of words: parts between white space
    words_max bigint,  -- most words in one text
    reason varchar,  -- why figures are missing
    profile_sql varchar not null  -- query that gives the row again
);
