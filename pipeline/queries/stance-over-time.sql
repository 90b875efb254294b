-- How the stance towards somebody or something moves over time, by day, week, month or year.
--
-- One row a period: in how many stories a verdict on the target is favor, against or neutral, and `balance`, which is
-- (favor - against) / (favor + against), from -1 to 1. With $holder, only what that holder says. A story counts once a
-- holder and verdict; copies are not counted.
--
-- Parameters:
-- $target text, required: a name of the person, party, country or body
-- $holder text: only this holder, by any of its names
-- $by text, default month, of day|week|month|year: the length of a period
-- $since date: the first day to look at
-- $until date: the last day to look at
-- $country text: only stories filed under this country, by its two-letter code

SELECT CAST(date_trunc($by, date) AS DATE) AS period,
       count(*) FILTER (verdict = 'favor') AS favor,
       count(*) FILTER (verdict = 'against') AS against,
       count(*) FILTER (verdict = 'neutral') AS neutral,
       round((favor - against) / nullif(favor + against, 0), 2) AS balance,
       count(DISTINCT fold_name(holder_name)) AS holders
FROM stance_pairs
WHERE is_named(target_names, $target)
  AND ($holder IS NULL OR is_named(holder_names, $holder))
  AND ($since IS NULL OR date >= $since)
  AND ($until IS NULL OR date <= $until)
  AND ($country IS NULL OR country = upper($country))
  AND duplicate_of IS NULL AND date IS NOT NULL
GROUP BY period
ORDER BY period;
