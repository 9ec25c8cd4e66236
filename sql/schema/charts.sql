-- purpose: result table charts
-- parameters: none
-- one row is: a chart
create table main.charts (
    chart_id varchar not null,  -- identifier
    position bigint not null,  -- order
    section varchar not null,  -- explore, insights, quality or model
    kind varchar not null,  -- name of the chart plug-in
    title varchar not null,  -- title
    description varchar not null,  -- sentence for screen readers
    spec json not null,  -- Vega-Lite specification, data by name
    data_sql varchar not null,  -- query against this database that feeds it
    insight_id varchar,  -- the insight it shows
    column_name varchar  -- the column it shows
);
