-- nested: aggregate fields of a struct
SELECT address."mailAddress" AS mail, count(*) AS n, sum(address.number) AS numbers FROM users GROUP BY 1 ORDER BY 1
