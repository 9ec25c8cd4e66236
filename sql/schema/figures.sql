-- purpose: result table figures
-- parameters: none
-- one row is: a figure shown in the summary
create table main.figures (
    figure_id varchar not null,  -- identifier
    position bigint not null,  -- order
    label varchar not null,  -- title
    value double,  -- the figure
    format varchar not null,  -- number, integer, percent or text
    text varchar,  -- the figure when it is not a number
    polarity varchar not null,  -- up, down or neutral: which direction is good
    baseline double,  -- figure it is compared with
    baseline_label varchar,  -- what the baseline is
    evidence_sql varchar not null  -- query against this database that gives the value
);
