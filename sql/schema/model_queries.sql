-- purpose: result table model_queries
-- parameters: none
-- one row is: the best model as a query over a table called new_data
create table main.model_queries (
    model_id varchar not null,  -- the model
    target varchar not null,  -- target column
    task varchar not null,  -- regression, binary, multiclass, ordinal or quantile
    classes varchar[] not null,  -- labels in order, for classes
    inputs varchar[] not null,  -- columns the query reads
    kinds varchar[] not null,  -- how it reads each: number, category, date or text
    n_leaves bigint not null,  -- leaves of all trees
    sql varchar not null  -- select from new_data: every row with its prediction
);
