-- group-by: the partition key
SELECT created_at_day::VARCHAR AS day, count(*) AS n, sum(age) AS ages FROM users GROUP BY created_at_day ORDER BY 1
