-- top-n: the most frequent names
SELECT name, count(*) AS n FROM users GROUP BY name ORDER BY n DESC, name LIMIT 10
