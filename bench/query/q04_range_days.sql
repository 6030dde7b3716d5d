-- range: six partitions and an interval of a number
SELECT count(*) AS n, sum(age) AS ages FROM users WHERE created_at_day BETWEEN :first_day AND :last_day AND age BETWEEN 30 AND 40
