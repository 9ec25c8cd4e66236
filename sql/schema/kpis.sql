-- purpose: result table kpis
-- parameters: none
-- one row is: a card of the summary, over the window that is shown first
create table main.kpis (
    kpi_id varchar not null,  -- identifier
    position bigint not null,  -- order
    label varchar not null,  -- title
    measure bigint,  -- number of the measure in the cube; none for rows and for figures of all data
    how varchar not null,  -- sum, mean, rate, rows or all (not filtered)
    format varchar not null,  -- amount, integer, percent, score or metric
    unit varchar,  -- unit, when one was given
    polarity varchar not null,  -- up, down or neutral: which direction is good
    value double,  -- the figure
    previous double,  -- the figure of the period it is compared with
    change double,  -- relative change, or points for shares
    change_kind varchar not null,  -- relative, points or none
    previous_label varchar,  -- what it is compared with
    evidence_sql varchar not null,  -- query against this database that gives the value
    previous_sql varchar  -- query against this database that gives the earlier figure
);
