-- range: two and a half days of time
SELECT count(*) AS n, min(age) AS youngest, max(age) AS oldest FROM users WHERE created_at >= :from AND created_at < :until
