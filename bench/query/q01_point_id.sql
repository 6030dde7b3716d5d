-- point: one record by its id
SELECT eid, name, age, created_at::VARCHAR AS created_at FROM users WHERE eid = :eid
