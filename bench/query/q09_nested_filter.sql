-- nested: filter and group by fields of a struct
SELECT address.street AS street, count(*) AS n FROM users WHERE address.number < 50 GROUP BY 1 ORDER BY n DESC, street LIMIT 20
