-- group-by: few groups, a distinct count
SELECT age, count(*) AS n, count(DISTINCT name) AS names FROM users GROUP BY age ORDER BY age
